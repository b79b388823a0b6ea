import type { Beat, TimelineItem, TimelineVerdict, UnitFigures } from '../core/timeline.ts'
import { beat, loadFigures, unitFigures, worker } from './timeline-items.ts'

const START_MS = Date.UTC(2026, 10, 26, 12)
const LENGTH_S = 40

/** Seconds in which the first worker is blocked, in which the second is stopped, and in which the third is killed. */
const [BLOCKED, STOPPED, KILLED_S] = [[10, 13], [16, 20], 25] as const

/**
 * A run of forty seconds in which everything that can be seen happens: three workers under an open loop, one blocked, one
 * stopped, one killed and replaced, a generator that was late, requests that failed.
 */
export function recordedTimeline(): TimelineItem[] {
  const at = (second: number): number => START_MS + 1000 * second
  const [one, two, three, fourth] = [worker(1, 101), worker(2, 102), worker(3, 103), worker(3, 204)]
  const primary = { key: 'primary 100', name: 'primary', role: 'supervisor', pid: 100, thread: null }
  const items: TimelineItem[] = [
    {
      kind: 'run',
      atMs: at(0),
      schema: 'forkwise/timeline@1',
      process: null,
      experiment: 'resilience',
      id: 'recorded',
      expectedS: LENGTH_S,
      steps: 1,
    },
    { kind: 'step', atMs: at(0), label: 'cluster under faults' },
    { kind: 'phase', atMs: at(0), phase: 'fault' },
    { kind: 'units', atMs: at(0), launch: 'cluster', units: [primary, one, two, three] },
  ]
  for (let second = 1; second <= LENGTH_S; second++) {
    if (second === KILLED_S) {
      items.push({ kind: 'mark', atMs: at(second), level: 'fault', text: 'kill is injected' })
      items.push({
        kind: 'beats',
        atMs: at(second) + 1,
        kept: true,
        beats: { [three.key]: beat(0, { process: 'gone', turnedAtS: null, ageS: null }) },
      })
      items.push({ kind: 'units', atMs: at(second) + 2, launch: 'cluster', units: [primary, one, two, fourth] })
    }
    const third = second < KILLED_S ? three : fourth
    items.push({ kind: 'load', atMs: at(second), second: secondOf(second) })
    items.push({ kind: 'beats', atMs: at(second) + 3, kept: true, beats: beatsAt(second, third.key) })
    const figures: Record<string, UnitFigures> = {
      [primary.key]: unitFigures({ ratePerS: null, active: null, cpuCores: 0.02, utilization: 0.02 }),
    }
    for (const { key } of [one, two, third]) figures[key] = unitFigures({ ratePerS: 30 + (second % 7) })
    items.push({ kind: 'figures', atMs: at(second) + 3, units: figures })
  }
  items.push({ kind: 'end', atMs: at(LENGTH_S) + 10, text: 'The run is over.', failed: false })
  return items
}

function beatsAt(second: number, third: string): Record<string, Beat> {
  const blocked = second > BLOCKED[0] && second <= BLOCKED[1]
  const stopped = second > STOPPED[0] && second <= STOPPED[1]
  return {
    'primary 100': beat(second),
    'worker-1 101': blocked ? beat(BLOCKED[0], { ageS: second - BLOCKED[0] }) : beat(second),
    'worker-2 102': stopped ? beat(0, { process: 'stopped', turnedAtS: null, ageS: null }) : beat(second),
    [third]: beat(second),
  }
}

function secondOf(second: number): ReturnType<typeof loadFigures> {
  const slow = second > BLOCKED[0] && second <= BLOCKED[1] + 1
  return loadFigures(second, {
    ratePerS: slow ? 80 : 100,
    offeredPerS: 100,
    failed: second === KILLED_S ? 7 : 0,
    p50Ms: 2.2 + (second % 5) / 10,
    p99Ms: slow ? 720 : 9.4,
    latenessP99Ms: second === 30 ? 42 : 0.3,
    counts: slow ? [0, 30, 30, 4, 1, 0, 2, 3, 2, 2, 3, 2, 1] : [0, 10 + (second % 9), 60, 22, 5, 2],
  })
}

function around(estimate: number, half: number): TimelineVerdict['ratio'] {
  return { estimate, low: estimate - half, high: estimate + half }
}

/** The same run with two routes, an objective, and with verdicts after each of three rounds, of which the last are final. */
export function recordedComparison(): TimelineItem[] {
  const [run, ...rest] = recordedTimeline()
  const at = (second: number): number => START_MS + 1000 * second
  const verdictsAt = (second: number, half: number, call: TimelineVerdict['call'], final: boolean): TimelineItem => ({
    kind: 'verdicts',
    atMs: at(second),
    final,
    verdicts: (['throughput', 'latency-p99'] as const).map((metric) => ({
      workload: 'cpu',
      metric,
      baseline: 'single',
      candidate: 'cluster',
      ratio: metric === 'throughput' ? around(1.8, half) : around(0.6, half / 3),
      call,
      blocks: Math.round(second / 10),
    })),
  })
  const added: TimelineItem[] = [
    { kind: 'objective', atMs: at(2), text: 'p99<50ms', limits: [{ name: 'p99', ms: 50 }] },
    verdictsAt(10, 0.6, 'inconclusive', false),
    verdictsAt(20, 0.3, 'inconclusive', false),
    verdictsAt(40, 0.1, 'better', true),
  ]
  const routed = rest.map((item) =>
    item.kind === 'load'
      ? { ...item, second: { ...item.second, routes: { '/cpu': [0, 0, 40], '/io': item.second.counts } } }
      : item,
  )
  return [...(run === undefined ? [] : [run]), ...[...routed, ...added].toSorted((a, b) => a.atMs - b.atMs)]
}
