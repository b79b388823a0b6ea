import { formatBytes, formatDuration, formatRate } from '../../core/quantities.ts'
import type { RecordedFault, ResilienceModel, ResilienceRow } from '../../core/resilience-record.ts'
import { listText } from '../wording.ts'
import { explainWorkInHand, workInHandText } from './work-in-hand.ts'

/** More failed starts a second than this are a worker that is started again at once, time after time. */
const HASTY_PER_S = 2

/** Up to this many hung clients come from a connection or two that a stopped worker was dealt. */
const FEW_HUNG = 3

/** Counts of repetitions: one when all are equal, else each up to three, else from the least to the most. */
export function countsText(counts: readonly number[]): string {
  const distinct = new Set(counts)
  if (distinct.size <= 1) return String(counts[0] ?? 0)
  return counts.length <= 3 ? counts.join(', ') : `${Math.min(...counts)}–${Math.max(...counts)}`
}

/** Times of repetitions: `0.4–0.6 s`, `never`, `0.5 s, never in 1 of 3`. */
export function timesText(times: readonly (number | null)[]): string {
  const known = times.filter((time) => time !== null)
  const never = times.length - known.length
  if (known.length === 0) return 'never'
  const [least, most] = [Math.min(...known).toFixed(1), Math.max(...known).toFixed(1)]
  const range = least === most ? `${least} s` : `${least}–${most} s`
  return never === 0 ? range : `${range}, never in ${never} of ${times.length}`
}

/** From when on an answer was slow, over the repetitions: `310 ms`, `290–340 ms`. */
export function limitsText(limitsMs: readonly number[]): string {
  const [least, most] = [Math.round(Math.min(...limitsMs)), Math.round(Math.max(...limitsMs))]
  return least === most ? `${least} ms` : `${least}–${most} ms`
}

/** What of a row does not fit into columns that all faults share; empty when there is nothing. */
export function factsText(row: Pick<ResilienceRow, 'fault' | 'facts'>): string {
  return [faultFactsText(row), tasksText(row)].filter((text) => text !== '').join('; ')
}

/** What became of the work in hand, over the repetitions: `lost, its client got 500`, `cut off (ECONNRESET) in 2 of 3, …`. */
function inHandText({ facts }: Pick<ResilienceRow, 'facts'>): string {
  const texts = facts.map(workInHandText).filter((text) => text !== '')
  const distinct = [...new Set(texts)]
  if (distinct.length <= 1) return distinct[0] ?? ''
  return distinct
    .map((text) => `${text} in ${texts.filter((each) => each === text).length} of ${texts.length}`)
    .join(', ')
}

/** What became of the tasks of a queue: `3 lost, 0 done twice of 812 tasks`. */
function tasksText({ facts }: Pick<ResilienceRow, 'facts'>): string {
  const ledgers = facts.flatMap(({ tasks }) => tasks ?? [])
  if (ledgers.length === 0) return ''
  const waiting = ledgers.map((ledger) => ledger.waiting)
  return [
    `${countsText(ledgers.map(({ lost }) => lost))} lost`,
    `${countsText(ledgers.map(({ repeated }) => repeated))} begun again`,
    ...(waiting.some((count) => count > 0) ? [`${countsText(waiting)} not begun`] : []),
    `of ${countsText(ledgers.map(({ accepted }) => accepted))} tasks`,
  ]
    .join(', ')
    .replace(/, of/, ' of')
}

function faultFactsText({ fault, facts }: Pick<ResilienceRow, 'fault' | 'facts'>): string {
  const each = <T>(read: (facts: ResilienceRow['facts'][number]) => T | undefined): T[] =>
    facts.map(read).filter((value) => value !== undefined)
  if (fault === 'boot-crash') {
    const crashed = each(({ crashedStarts }) => crashedStarts)
    return `${countsText(crashed)} crashed starts in ${each(({ crashingS }) => crashingS)[0] ?? 0} s`
  }
  if (fault === 'leak') {
    const memory = each(({ memory }) => memory)
    const [first, peak] = [
      Math.max(...memory.map(({ firstBytes }) => firstBytes)),
      Math.max(...memory.map(({ peakBytes }) => peakBytes)),
    ]
    return `${countsText(each(({ recycled }) => recycled))} replaced, ${formatBytes(first)} → ${formatBytes(peak)} at most`
  }
  if (fault === 'overload') {
    return each(({ offeredPerS }) => offeredPerS)
      .slice(0, 1)
      .map((rate) => `${formatRate(rate)} asked for`)
      .join('')
  }
  if (fault === 'freeze') {
    const replaced = each(({ replaced }) => replaced).filter(Boolean).length
    if (replaced === 0) return 'not replaced'
    return replaced === facts.length ? 'replaced' : `replaced in ${replaced} of ${facts.length}`
  }
  if (fault === 'kill') {
    const text = inHandText({ facts })
    return text === '' ? '' : `work in hand: ${text}`
  }
  return ''
}

/** What explains the counts of a row, from how the model works; in sentences. */
export function explain(row: Omit<ResilienceRow, 'because'>, model: ResilienceModel): string[] {
  const any = (counts: readonly number[]): boolean => counts.some((count) => count > 0)
  const dealt = model.routing === 'round-robin-connections'
  const kernel = model.routing === 'kernel-hash'
  const sentences: string[] = []
  const say = (when: boolean, sentence: string): void => void (when && sentences.push(sentence))
  if (row.fault === 'kill') {
    // The process of one task, which its worker forked and outlives.
    const forked = row.facts.some(({ unit = '' }) => unit.endsWith('/task'))
    say(forked, 'Its worker lives on, and forks another process for its next task.')
    say(
      model.restartedBy === null && !forked,
      'Nobody starts it again: in production that is left to whoever runs the process (systemd, a container).',
    )
    const tasks = row.facts.flatMap((facts) => facts.tasks ?? [])
    say(
      any(tasks.map(({ lost }) => lost)),
      'A task that its process had begun is lost: it was acknowledged when it was taken, or is kept as failed, and nobody runs it again.',
    )
    say(
      any(tasks.map(({ repeated }) => repeated)),
      'A task that its process had begun is run again: what it did before is done twice.',
    )
    sentences.push(...explainWorkInHand(row.facts))
    say(
      dealt && any(row.hung),
      'A connection that was dealt to the worker, which was busy and had not taken it, is neither closed nor dealt again by the primary (nodejs/node#21746): its client waits until it gives up.',
    )
    say(
      kernel && any(row.connectionErrors),
      'The kernel resets at once what the worker had and what waited in its own accept queue.',
    )
    say(
      !kernel && tasks.length === 0 && model.restartedBy !== null && any(row.connectionErrors),
      'Connections that the worker had are reset with the requests on them.',
    )
  }
  if (row.fault === 'freeze') {
    const replaced = row.facts.some((facts) => facts.replaced === true)
    const spared = dealt && Math.max(...row.hung) <= FEW_HUNG
    say(replaced, 'The supervisor missed its signs of life, killed and replaced it.')
    say(replaced && any(row.connectionErrors), 'The requests that it had are reset.')
    say(!replaced, 'Nobody noticed; what it had waited until it went on, or gave up.')
    say(
      spared,
      'The primary deals no second connection to a worker that has not taken the first one: all others are dealt elsewhere.',
    )
    say(spared && any(row.hung), 'The client of that first connection waits until it gives up.')
    say(kernel && any(row.hung), 'The kernel went on handing it connections, since its socket was still open.')
  }
  if (row.fault === 'reload' && row.promise === null && any(row.connectionErrors)) {
    say(
      kernel,
      'What waits in the accept queue of a worker that leaves is reset: the reason why the model does not promise a clean reload.',
    )
    say(
      model.restartedBy === 'Gunicorn’s arbiter',
      'A worker of Gunicorn that leaves closes its kept connections without telling their clients, with threads at once and with gevent when its grace is over: what is sent on one at that moment is reset.',
    )
    say(
      model.routing === 'client-round-robin',
      'Each worker has a port of its own, on which nobody listens while it is replaced.',
    )
  }
  if (row.fault === 'boot-crash') {
    const hasty = row.facts.some(({ crashedStarts = 0, crashingS = 1 }) => crashedStarts / crashingS > HASTY_PER_S)
    say(!hasty, 'Each failed start is followed by a longer pause, and those that serve go on.')
    say(
      hasty,
      `Start follows start without a pause${model.restartedBy === 'PM2' ? ', and without an end: the limit of PM2 (`max_restarts`) counts only in the first `max_restarts` × `min_uptime` of an app’s life' : ''}; all of them take CPU from those that serve.`,
    )
  }
  if (row.fault === 'overload') {
    say(
      any(row.non2xx),
      'The queue has a limit: what comes on top is turned away at once (503), and what is inside waits for that queue at most.',
    )
    say(!any(row.non2xx), 'Nothing is turned away: every request waits in line, longer and longer.')
  }
  return sentences
}

/** What a fault showed about the models, in a sentence or two; none where it was injected into no model. */
export function summarise(
  fault: RecordedFault,
  rows: readonly ResilienceRow[],
  models: readonly ResilienceModel[],
): string[] {
  if (rows.length === 0) return []
  const names = (of: readonly ResilienceRow[]): string => listText(of.map(({ model }) => model))
  const lost = (row: ResilienceRow): number[] =>
    row.sent.map(
      (_, i) => (row.connectionErrors[i] ?? 0) + (row.non2xx[i] ?? 0) + (row.hung[i] ?? 0) + (row.unfinished[i] ?? 0),
    )
  if (fault.id === 'reload') {
    const clean = rows.filter((row) => lost(row).every((count) => count === 0))
    const rough = rows.filter((row) => !clean.includes(row))
    const broken = rows.filter(({ promise }) => promise === 'broken')
    return [
      `${fault.title}: ${[
        ...(clean.length === 0 ? [] : [`no request failed under ${names(clean)}`]),
        ...(rough.length === 0 ? [] : [listText(rough.map((row) => `${countsText(lost(row))} under ${row.model}`))]),
      ].join('; ')}.`,
      ...(broken.length === 0
        ? []
        : [`${names(broken)} promised a reload without a failed request and did not keep it.`]),
    ]
  }
  const back = rows.filter(({ fullStrengthS }) => fullStrengthS.every((time) => time !== null))
  const gone = rows.filter((row) => !back.includes(row))
  const most = [...rows].toSorted((a, b) => Math.max(...lost(a)) - Math.max(...lost(b)))
  const counts = listText(most.map((row) => `${row.model} ${countsText(lost(row))}`))
  if (fault.recoveryFrom === null) return [`${fault.title}: failed or hung, ${counts}.`]
  const withTasks = rows.filter(({ facts }) => facts.some(({ tasks }) => tasks !== undefined))
  const inHand = rows.map((row) => ({ model: row.model, text: inHandText(row) })).filter(({ text }) => text !== '')
  const unwatched = gone.filter(({ model }) => models.find(({ id }) => id === model)?.restartedBy === null)
  return [
    `${fault.title}: failed or hung, fewest first: ${counts}.`,
    [
      ...(back.length === 0
        ? []
        : [
            `Back at full strength: ${listText(back.map((row) => `${row.model} after ${timesText(row.fullStrengthS)}`))}.`,
          ]),
      ...(gone.length === 0
        ? []
        : [
            `Not back within ${formatDuration(Math.min(...gone.flatMap(({ watchedS }) => watchedS)))}: ${names(gone)}${unwatched.length === gone.length && fault.id === 'kill' ? ', where nobody restarts a worker' : ''}.`,
          ]),
    ].join(' '),
    ...(inHand.length === 0
      ? []
      : [
          `What became of the work that the worker had in hand: ${inHand.map(({ model, text }) => `${model} ${text}`).join('; ')}.`,
        ]),
    ...(withTasks.length === 0
      ? []
      : [`What became of the tasks: ${withTasks.map((row) => `${row.model} ${tasksText(row)}`).join('; ')}.`]),
  ]
}
