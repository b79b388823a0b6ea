import { shownSecond } from '../../analysis/timeline/current-figures.ts'
import { isSentLate } from '../../core/lateness.ts'
import type { Mark } from '../../analysis/timeline/mark.ts'
import type { LoadColumn, Timeline } from '../../analysis/timeline/state.ts'
import { clockText, loadMomentText, loadTexts, momentText, msText } from '../../report/timeline-texts.ts'
import { element, make, say } from './elements.ts'

const MARKS_SHOWN = 60
const SECONDS_SHOWN = 60

/** Shows whose run it is and how it stands, or that it is shown as it was at an earlier moment. */
export function showHead(
  state: Timeline,
  { connected, past }: { readonly connected: boolean; readonly past: boolean },
): void {
  const { experiment, id, launch, stepLabel, phase, end, steps } = state
  const step = steps === null ? '' : stepText(state.step, steps)
  say(element('title', HTMLElement), launch || stepLabel || experiment || 'Forkwise')
  say(
    element('kicker', HTMLElement),
    [`forkwise ${experiment}`, id, step, stepLabel, phase, momentText(state)].filter((part) => part !== '').join(' · '),
  )
  const status = element('status', HTMLElement)
  const [word, text] = past
    ? ['past', 'As it was then']
    : end !== null
      ? [end.failed ? 'failed' : 'over', end.text]
      : connected
        ? ['live', 'Live']
        : ['lost', 'The server does not answer; what is shown is the last that was heard.']
  status.dataset['is'] = word
  say(status, text)
  document.title = `${launch || stepLabel || experiment || 'Forkwise'} – live`
}

/** Shows the figures of the second that stands for the moment, which one that is, and whether they can be trusted. */
export function showLoad(state: Timeline, startMs: number): void {
  const list = element('figures', HTMLDListElement)
  const shown = shownSecond(state)
  const moment = element('load-moment', HTMLElement)
  say(
    moment,
    shown === null ? 'No second of load of this launch yet.' : `Figures of ${loadMomentText(shown, state, startMs)}.`,
  )
  moment.dataset['current'] = String(shown?.isCurrent === true)
  const texts = loadTexts(shown?.second ?? null)
  if (list.childElementCount !== texts.length) {
    list.replaceChildren(
      ...texts.map(() => {
        const box = make('div')
        box.append(make('dt'), make('dd'))
        return box
      }),
    )
  }
  texts.forEach(([name, text], place) => {
    const [term, value] = list.children[place]?.children ?? []
    if (term !== undefined) say(term, name)
    if (value !== undefined) say(value, text)
  })
  const doubt = element('doubt', HTMLElement)
  doubt.hidden = shown === null || !isSentLate(shown.second)
  say(
    doubt,
    `The generator sends up to ${msText(shown?.second.latenessP99Ms ?? null)} late: the latencies of this second are not the server's alone.`,
  )
}

/** Shows the last seconds as a table, newest first. */
export function showSeconds({ columns }: Timeline, startMs: number): void {
  const table = element('seconds', HTMLTableElement)
  table.dataset['count'] = String(columns.length)
  const newest = columns.slice(-SECONDS_SHOWN).toReversed()
  const stamp = `${columns.length} ${newest[0]?.atMs ?? 0}`
  if (table.dataset['stamp'] === stamp) return
  table.dataset['stamp'] = stamp
  const names = ['Second until', ...loadTexts(null).map(([name]) => name)]
  const head = make('tr')
  head.append(...names.map((name) => make('th', '', name)))
  const rows = newest.map((second) => rowsBySecond.get(second) ?? rowOf(second, names, startMs))
  rowsBySecond = new Map(newest.map((second, place) => [second, rows[place] ?? head]))
  table.replaceChildren(head, ...rows)
}

/** The rows that are in the table: a second more makes one row, not all of them anew. */
let rowsBySecond: ReadonlyMap<LoadColumn, HTMLTableRowElement> = new Map()

function rowOf(second: LoadColumn, [, ...names]: readonly string[], startMs: number): HTMLTableRowElement {
  const row = make('tr')
  row.dataset['elapsed'] = String(second.elapsedS)
  const texts = new Map(loadTexts(second))
  row.append(make('td', '', clockText(second.atMs - startMs)), ...names.map((name) => make('td', '', texts.get(name))))
  return row
}

/** Shows what happened, newest first. */
export function showMarks({ marks }: Timeline, startMs: number): void {
  const list = element('marks', HTMLOListElement)
  element('no-marks', HTMLElement).hidden = marks.length > 0
  const stamp = `${marks.length} ${marks.at(-1)?.atMs ?? 0}`
  if (list.dataset['stamp'] === stamp) return
  list.dataset['stamp'] = stamp
  list.replaceChildren(
    ...marks
      .slice(-MARKS_SHOWN)
      .toReversed()
      .map((mark) => markItem(mark, startMs)),
  )
}

function markItem({ atMs, level, text }: Mark, startMs: number): HTMLElement {
  const item = make('li')
  item.dataset['level'] = level
  item.append(make('time', '', clockText(atMs - startMs)), make('span', '', text))
  return item
}

/** Blocks that are dropped are measured again, so that there may be more steps than were planned. */
function stepText(step: number, planned: number): string {
  return step <= planned ? `step ${step} of ${planned}` : `step ${step}, ${planned} were planned`
}
