import { requestGroups } from '../../core/load.ts'
import { formatRate } from '../../core/quantities.ts'
import type { Call, Manifest, PilotRecord, RecordedWorkload, ResultCell, Verdict } from '../../core/records.ts'
import type { WorkloadKind } from './budget.ts'
import { nodeSentence, pythonSentence } from '../node-versions.ts'
import { ruleOf, thresholdText } from './verdict-metrics.ts'
import { boundsText, listText, ratioText } from '../wording.ts'

/** What a summary is made of. */
export interface SummaryParts {
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  readonly verdicts: readonly Verdict[]
  readonly cells: readonly ResultCell[]
  /** Why all verdicts on a workload are withheld, in words; null where they are not. */
  readonly withheld: (workload: string) => string | null
  /** What was wrong with the answers under a workload, as {@link failureText} has it; null where nothing was. */
  readonly failures: (workload: string) => string | null
}

/**
 * The result in words, one sentence per workload, verdict first, then one on Nodes where the models ran on several, and one on
 * the Python that was named. CPU-bound work is judged by throughput at saturation;
 * everything else by latency at equal load first, since at saturation more processes may win only because they take a
 * larger part of cores that generator and dependency use too.
 */
export function summarise({ manifest, pilot, verdicts, cells, withheld, failures }: SummaryParts): string[] {
  const runtimes = [nodeSentence(manifest), pythonSentence(manifest.models)].filter((sentence) => sentence !== null)
  const sentences = manifest.plan.workloads.map((id) => {
    const workload = manifest.workloads.find((workload) => workload.id === id)
    const own = verdicts.filter((verdict) => verdict.workload === id)
    const ownCells = cells.filter((cell) => cell.workload === id)
    const kind = kindOf(id, workload, pilot)
    const lead = `For ${workText(id, kind)}`
    const reason = withheld(id)
    const failed = failures(id)
    const failedClause = failed === null ? '' : `; ${failed}`
    if (reason !== null) return `${lead} all verdicts are withheld: ${reason}${failedClause}.`
    if (own.length === 0) return `${lead} nothing can be compared${missingClause(ownCells)}${failedClause}.`
    const throughput = throughputClause(own, ownCells, manifest, kind !== 'cpu' && manifest.plan.latencyS > 0)
    const latency = latencyClause(own, manifest, pilot?.commonRates[id])
    const clauses = kind === 'cpu' ? [throughput, latency] : [latency, throughput]
    const unmeasured = latency === '' && kind !== 'cpu' ? '; latency at equal load was not measured' : ''
    return `${lead} ${clauses.filter((clause) => clause !== '').join('; ')}${unmeasured}${missingClause(ownCells)}${failedClause}.`
  })
  return [...sentences, ...runtimes]
}

/** What a workload mostly costs: the kind it declares, else the kind of its parts. */
export function kindOf(id: string, workload: RecordedWorkload | undefined, pilot: PilotRecord | null): WorkloadKind {
  if (workload?.kind !== undefined) return workload.kind
  if (requestGroups(workload?.requests ?? []).length > 1) return 'mixed'
  return id === 'cpu' || pilot?.bareRates[id] !== undefined ? 'cpu' : 'io'
}

function workText(id: string, kind: WorkloadKind): string {
  if (id !== kind) return `the workload ${id}`
  return { cpu: 'CPU-bound work', io: 'I/O-bound work', mixed: 'mixed work' }[kind]
}

/** Throughput at saturation; `second` when it follows what was said about equal load. */
function throughputClause(
  own: readonly Verdict[],
  cells: readonly ResultCell[],
  { plan, machine }: Manifest,
  second: boolean,
): string {
  const verdicts = own.filter(({ metric }) => metric === 'throughput')
  if (verdicts.length === 0) return ''
  const shared = plan.placement === null ? `, on ${machine.cores} cores shared with the generator,` : ''
  const where = second ? `at saturation${shared} ` : ''
  const groups = byCall(verdicts, ({ call }) => call)
  const better = [...(groups.get('better') ?? [])].sort((a, b) => b.ratio.estimate - a.ratio.estimate)
  const worse = groups.get('worse') ?? []
  const same = groups.get('same') ?? []
  const open = groups.get('inconclusive') ?? []
  const parts = [
    better.length > 0
      ? `${where}${names(better)} ${are(better)} better than ${plan.baseline}: ${figures(better, ' the throughput')}`
      : open.length > 0
        ? `${where}no model is shown to give more throughput than ${plan.baseline}`
        : `${where}no model gives more throughput than ${plan.baseline}`,
    worse.length > 0 ? `${names(worse)} ${are(worse)} worse: ${figures(worse)}` : '',
    same.length > 0
      ? `${names(same)} ${are(same)} the same within ${thresholdText('throughput')}: ${figures(same)}`
      : '',
    open.length > 0 ? `undecided: ${figures(open)}` : '',
    generatorClause(cells),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** Whose saturation was the generator's: such models could have given more. */
function generatorClause(cells: readonly ResultCell[]): string {
  const limited = cells.filter(({ bottleneck }) => bottleneck.limit === 'generator').map(({ model }) => model)
  return limited.length === 0 ? '' : `the generator was the limit of ${listText(limited)}, which may give more`
}

/** Latency at one rate common to all models; empty where it was not measured. */
function latencyClause(own: readonly Verdict[], { plan }: Manifest, ratePerS: number | undefined): string {
  const verdicts = own.filter(({ metric }) => ruleOf(metric).quantile !== null)
  if (verdicts.length === 0) return ''
  const load = ratePerS === undefined ? 'at equal load' : `at equal load (${formatRate(ratePerS)})`
  const weighed = verdicts.filter(({ scarce }) => scarce !== true)
  if (weighed.length === 0) return `latency ${load} was measured too little to judge`
  const candidates = [...new Set(weighed.map(({ candidate }) => candidate))].map((candidate) => ({
    candidate,
    verdicts: weighed.filter((verdict) => verdict.candidate === candidate),
  }))
  const unweighed = [...new Set(verdicts.map(({ candidate }) => candidate))].filter((candidate) =>
    candidates.every((one) => one.candidate !== candidate),
  )
  const decided = (call: Call) => candidates.filter((one) => one.verdicts.some((verdict) => verdict.call === call))
  const [better, worse] = [decided('better'), decided('worse')]
  const clear = better.filter((one) => !worse.includes(one))
  const neither = candidates.filter((one) => !better.includes(one) && !worse.includes(one))
  const anyOpen = decided('inconclusive').length > 0
  const head =
    clear.length > 0
      ? `${load} ${listText(clear.map(({ candidate }) => candidate))} answer${clear.length === 1 ? 's' : ''} faster than ${plan.baseline}`
      : `no model is ${anyOpen ? 'shown to be ' : ''}better ${load}`
  const details = [
    ...[...new Set([...better, ...worse])].map(({ candidate, verdicts }) => `${candidate} ${differences(verdicts)}`),
    ...[...byCall(neither, ({ verdicts }) => sameness(verdicts))].map(
      ([text, group]) => `${listText(group.map(({ candidate }) => candidate))} ${text}`,
    ),
    unweighed.length === 0 ? '' : `${listText(unweighed)} measured too little to judge`,
  ].filter((part) => part !== '')
  return `${head}: ${details.join(', ')}`
}

/** `p99 0.410× (95 % 0.350–0.480)`: what differs, in figures. */
function differences(verdicts: readonly Verdict[]): string {
  return listText(
    verdicts
      .filter(({ call }) => call === 'better' || call === 'worse')
      .map(({ metric, ratio }) => `${quantileName(metric)} ${ratioText(ratio.estimate)} (95 % ${boundsText(ratio)})`),
  )
}

/** `the same in p50 and p95, p99 undecided`. */
function sameness(verdicts: readonly Verdict[]): string {
  const same = verdicts.filter(({ call }) => call === 'same').map(({ metric }) => quantileName(metric))
  const open = verdicts.filter(({ call }) => call === 'inconclusive').map(({ metric }) => quantileName(metric))
  return [
    same.length > 0 ? `the same in ${listText(same)}` : '',
    open.length > 0 ? `undecided in ${listText(open)}` : '',
  ]
    .filter((part) => part !== '')
    .join(' and ')
}

function quantileName(metric: Verdict['metric']): string {
  return metric.replace('latency-', '')
}

/** `cluster 1.86× the throughput (95 % 1.81–1.91), pm2-fork 1.84× (1.79–1.90)`. */
function figures(verdicts: readonly Verdict[], words: string = ''): string {
  return verdicts
    .map(
      ({ candidate, ratio }, i) =>
        `${candidate} ${ratioText(ratio.estimate)}${i === 0 ? words : ''} (${i === 0 ? '95 % ' : ''}${boundsText(ratio)})`,
    )
    .join(', ')
}

function missingClause(cells: readonly ResultCell[]): string {
  const missing = cells.filter(({ blocks }) => blocks === 0).map(({ model }) => model)
  return missing.length === 0 ? '' : `; ${listText(missing)} ${missing.length === 1 ? 'has' : 'have'} no valid trial`
}

function names(verdicts: readonly Verdict[]): string {
  return listText(verdicts.map(({ candidate }) => candidate))
}

function are(verdicts: readonly Verdict[]): string {
  return verdicts.length === 1 ? 'is' : 'are'
}

function byCall<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}
