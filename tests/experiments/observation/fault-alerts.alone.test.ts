import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { observe, type ObservationOutcome } from '../../../experiments/observation/live.ts'
import { prepare } from '../../../experiments/prepare.ts'
import { PrometheusApi, type RangeSeries } from '../../../loadtest/observation/prometheus-api.ts'
import { CpuWitness } from '../../cpu-witness.ts'
import { describeWith } from '../../parts.ts'

/** Each fault, how many seconds after the start it is injected, and the alert that it must raise. */
const FAULTS = [
  { fault: 'block-loop', afterS: 12, alert: 'EventLoopBlocked' },
  { fault: 'kill', afterS: 22, alert: 'WorkerCrashed' },
  { fault: 'reload', afterS: 32, alert: 'RollingReload' },
  { fault: 'freeze', afterS: 44, alert: 'ProcessFrozen' },
  { fault: 'overload', afterS: 60, alert: 'ConnectionsPileUp' },
  { fault: 'boot-crash', afterS: 76, alert: 'WorkersCrashAtBoot' },
  { fault: 'leak', afterS: 92, alert: 'MemoryGrowth' },
] as const

/** A boot that crashes begins with a worker that is killed. */
const ALSO: Readonly<Record<string, readonly string[]>> = { 'boot-crash': ['WorkerCrashed'] }

/** What every process meets on a machine that gives it too little CPU, whatever is injected. */
const OF_A_CROWDED_MACHINE: readonly string[] = [
  'ConnectionsPileUp',
  'EventLoopBlocked',
  'LatencyObjectiveMissed',
  'ProcessFrozen',
]

/** Longest wait for the last alert, in milliseconds: growth is watched for half a minute before it is one. */
const LAST_MS = 120_000

interface Firing {
  readonly alert: string
  /** When it began to fire, in ms since the epoch. */
  readonly fromMs: number
}

/** When each alert began to fire, from readings a second apart. */
function firingsOf(series: readonly RangeSeries[]): Firing[] {
  return series.flatMap(({ labels, points }) =>
    points
      .filter(([atMs], i) => i === 0 || atMs - (points[i - 1]?.[0] ?? 0) > 1500)
      .map(([fromMs]) => ({ alert: labels['alertname'] ?? '', fromMs })),
  )
}

describeWith(['prometheus'], 'every fault under a real Prometheus', () => {
  test('raises its own alert and no other fault’s; before the first one nothing fires', async ({ annotate }) => {
    const prepared = await prepare.observe({
      model: 'cluster',
      workers: 2,
      port: 0,
      workload: 'io',
      rate: 100,
      faults: FAULTS.map(({ fault, afterS }) => `${fault}@${afterS}s`),
    })
    const stop = new AbortController()
    const witness = new CpuWitness()
    onTestFinished(() => witness.end())
    const run = observe(prepared, stop.signal)
    const injected = new Map<string, number>()
    let firings: Firing[] = []
    let startedMs = 0
    let api: PrometheusApi | null = null
    const readFirings = async (): Promise<void> => {
      firings = firingsOf((await api?.range('ALERTS{alertstate="firing"}', startedMs, Date.now(), 1)) ?? [])
    }
    const last = FAULTS.at(-1)?.alert
    const untilLast = async (): Promise<void> => {
      const deadlineMs = Date.now() + LAST_MS
      do {
        await new Promise((resolve) => setTimeout(resolve, 500))
        await readFirings()
      } while (!firings.some(({ alert }) => alert === last) && Date.now() < deadlineMs)
      stop.abort()
    }
    let ending: Promise<void> = Promise.resolve()
    const read = (event: ExperimentEvent): void => {
      if (event.type === 'server-ready') {
        startedMs = Date.now()
        api = new PrometheusApi(new URL(event.prometheus ?? ''))
      }
      if (event.type !== 'fault' || !event.active) return
      injected.set(event.fault, Date.now())
      if (event.fault === FAULTS.at(-1)?.fault) ending = untilLast()
    }
    let alertsPage: string | null = null
    for await (const event of run) {
      read(event)
      if (event.type === 'server-ready') {
        alertsPage = event.alerts
        expect((await fetch(alertsPage ?? '')).status).toBe(200)
      }
    }
    await ending
    const outcome: ObservationOutcome = await run

    const own = FAULTS.map(({ alert }): string => alert)
    const expected: Record<string, readonly string[]> = { start: [] }
    const found: Record<string, readonly string[]> = {}
    const marks = [
      { fault: 'start', alert: '', fromMs: startedMs },
      ...FAULTS.map(({ fault, alert }) => ({ fault, alert, fromMs: injected.get(fault) ?? NaN })),
    ]
    for (const [i, { fault, alert, fromMs }] of marks.entries()) {
      const toMs = marks[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY
      const crowded = witness.wasCrowded(fromMs, toMs)
      if (crowded) await annotate(`${fault}: other programs took the CPU; what comes of that is not looked at`)
      const raised = firings
        .filter((firing) => firing.fromMs >= fromMs && firing.fromMs < toMs)
        .filter((firing) => fault === 'start' || own.includes(firing.alert))
        .filter((firing) => firing.alert === alert || !crowded || !OF_A_CROWDED_MACHINE.includes(firing.alert))
      found[fault] = [...new Set(raised.map((firing) => firing.alert))].toSorted()
      expected[fault] = fault === 'start' ? [] : [alert, ...(ALSO[fault] ?? [])].toSorted()
    }
    expect(found).toEqual(expected)
    // All but the last one were over by themselves.
    const over = outcome.faults.map(({ fault }) => fault)
    expect(over.toSorted()).toEqual(
      FAULTS.slice(0, -1)
        .map(({ fault }): string => fault)
        .toSorted(),
    )
  })
})
