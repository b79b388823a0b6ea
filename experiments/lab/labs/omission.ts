import { setTimeout as sleep } from 'node:timers/promises'
import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { RunningServer } from '../../../cluster/model.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { HeatPicture, LabClaim, LabEvent, LabTrial } from '../../../core/lab-record.ts'
import type { Load } from '../../../core/load.ts'
import type { GeneratorPart } from '../../../loadtest/generator-protocol.ts'
import { durationText } from '../figure-text.ts'
import { loadServerInDetail, requestOf, standingServers } from '../lab-server.ts'
import type { Lab, LabCase, LabContext, LabMeasurement } from '../lab.ts'

type Loop = 'closed' | 'open'

/** When the server stops, in s after the load began. */
const STALL_AT_S = 1
/** Seconds of load after the stall is over. */
const REST_S = { quick: 1.2, full: 4 } as const
/** Requests per second of the open loop: a small part of what the server can do. */
const RATE_PER_S = 100
/** Users of the closed loop. */
const CONNECTIONS = 2
const PATH = '/io/sleep?ms=2'
/** Edges of the heat map's rows, in ms: each three times the one before. */
const LATENCY_EDGES_MS: readonly number[] = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]
const CHOICES = ['some ms', 'about as long as the stall'] as const

/** Lab 8: what a load generator that waits for answers does not see. */
export const lab: Lab = {
  id: 'omission',
  number: 8,
  title: 'The stall that the tool did not see',
  source: 'Coordinated omission: Gil Tene, How NOT to Measure Latency (2013)',
  question:
    'A server stands still once. A tool that sends each request after the answer to the one before, and one that sends them when they are due, report their 99th percentile. Which does each report?',
  asks: [
    {
      id: 'closed',
      label: 'waits for each answer (closed loop)',
      kind: 'choice',
      choices: CHOICES,
      claims: ['closed-hides-it'],
    },
    {
      id: 'open',
      label: 'sends when it is due (open loop)',
      kind: 'choice',
      choices: CHOICES,
      claims: ['open-shows-it'],
    },
  ],
  misconception: 'the tool saw what users see',
  endedBy: ['closed-hides-it', 'open-shows-it'],
  figures: {
    p99Ms: { title: 'p99', unit: 'ms' },
    maxMs: { title: 'longest', unit: 'ms' },
    requests: { title: 'requests', unit: '' },
    slowPercent: { title: 'slower than a tenth of the stall', unit: '%' },
    stallMs: { title: 'stall', unit: 'ms' },
  },
  change: {
    name: 'stall',
    help: 'How long the server stands still, in ms.',
    schema: { type: 'integer', minimum: 200, maximum: 3000 },
    default: 1000,
    example: 300,
  },
  extent: { quick: { repeats: 1, expectedS: 14 }, full: { repeats: 3, expectedS: 50 } },
  programs: ['../labs/omission.ts'],
  cases,
  outcomes: ({ figures }) => ({ closed: choiceOf(figures, 'closed'), open: choiceOf(figures, 'open') }),
  claims: ({ figures }) => [
    p99Claim(figures, 'closed-hides-it', 'closed', (share) => share < 0.5),
    p99Claim(figures, 'open-shows-it', 'open', (share) => share > 0.5),
  ],
  explain: ({ figures }) => {
    const of = (loop: Loop, key: string): string => durationText(figures.of(loop, key), 1e-3)
    const slow = (loop: Loop): string => {
      const percent = figures.of(loop, 'slowPercent')
      return percent === null ? 'an unknown share' : `${Math.round(percent.estimate * 10) / 10} %`
    }
    return [
      {
        measured: `The server stood still once, for ${of('open', 'stallMs')}. The closed loop reported a p99 of ${of('closed', 'p99Ms')} and the open loop one of ${of('open', 'p99Ms')}, of the same server and the same stall`,
        so: 'a tool that waits for answers does not see what users see',
        claims: ['closed-hides-it', 'open-shows-it'],
      },
      {
        measured: `Of all that the closed loop sent, ${slow('closed')} was slow, and of all that was due in the open loop ${slow('open')}`,
        so: `the ${CONNECTIONS} connections of the closed loop wait with the server and send nothing, and users of a site do not wait for each other`,
        claims: ['closed-hides-it', 'open-shows-it'],
      },
    ]
  },
  pictures: ({ trials, manifest }) =>
    manifest.cases.flatMap(({ id, name }) => {
      const trial = trials.find((each) => each.case === id && each.failure === null)
      return trial === undefined ? [] : [heatMap(trial, name)]
    }),
  servers: {
    text: 'Forkwise measures latency in an open loop, from the instant at which a request was due.',
    line: 'npx forkwise load http://127.0.0.1:3000/ --rate 100',
  },
}

/** Both loops are driven at the same server, one after the other. */
function cases(): LabCase[] {
  const serverOf = standingServers()
  const loopCase = (loop: Loop, name: string): LabCase => ({
    id: loop,
    name,
    language: 'node',
    async measure(context) {
      const server = await serverOf(context, 'single', { workers: 1 })
      const stallMs = Number(context.change)
      const load = loadOf(loop, STALL_AT_S + stallMs / 1000 + REST_S[context.quick ? 'quick' : 'full'], context)
      // The code of the server takes a while to be fast; that is not what is measured.
      await loadServerInDetail(context, server, [requestOf(PATH)], loadOf('closed', 0.5, context))
      const [part] = await Promise.all([
        loadServerInDetail(context, server, [requestOf(PATH)], load),
        stall(server, stallMs, context.signal),
      ])
      return measured(part, stallMs)
    },
  })
  return [loopCase('closed', 'closed loop'), loopCase('open', 'open loop')]
}

function loadOf(loop: Loop, durationS: number, { seed }: Pick<LabContext, 'seed'>): Load {
  const common = { durationS, timeoutS: 10, seed }
  return loop === 'closed'
    ? { kind: 'closed', connections: CONNECTIONS, ...common }
    : { kind: 'open', ratePerS: RATE_PER_S, arrivals: 'constant', maxConnections: 1000, ...common }
}

/** Stops the processes of the server for a while, as a full disk or a garbage collection does. */
async function stall(server: RunningServer, stallMs: number, signal: AbortSignal): Promise<void> {
  const pids = (await server.units()).map(({ pid }) => pid)
  await sleep(STALL_AT_S * 1000, undefined, { signal })
  try {
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await sleep(stallMs, undefined, { signal })
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
}

function measured({ latency, seconds }: GeneratorPart, stallMs: number): LabMeasurement {
  const histogram = LatencyHistogram.fromBase64(latency)
  const { p99, max } = histogram.summaryMs()
  return {
    figures: {
      p99Ms: p99 ?? 0,
      maxMs: max ?? 0,
      requests: histogram.count,
      slowPercent: (100 * histogram.countAboveUs(stallMs * 100)) / Math.max(1, histogram.count),
      stallMs,
    },
    events: seconds.flatMap(({ atS, latencies }) =>
      rowCounts(latencies).map((count, row): LabEvent => {
        return { t: atS * 1000, lane: `${LATENCY_EDGES_MS[row]}`, kind: 'answered', row, count }
      }),
    ),
  }
}

/** How many latencies are in each row of the heat map; those beyond its ends are in the last. */
function rowCounts(latencies: readonly (readonly [valueUs: number, count: number])[]): number[] {
  const counts = LATENCY_EDGES_MS.slice(1).map(() => 0)
  for (const [valueUs, count] of latencies) {
    const above = LATENCY_EDGES_MS.slice(1, -1).findIndex((edgeMs) => valueUs < edgeMs * 1000)
    const row = above === -1 ? counts.length - 1 : above
    counts[row] = (counts[row] ?? 0) + count
  }
  return counts
}

function choiceOf(figures: LabFigures, loop: Loop): string | null {
  const share = shares(figures, loop)[0]
  return share === undefined ? null : CHOICES[share > 0.5 ? 1 : 0]
}

/** The p99 of each repetition as a share of the stall. */
function shares(figures: LabFigures, loop: Loop): number[] {
  const stalls = figures.of(loop, 'stallMs')?.values ?? []
  return (figures.of(loop, 'p99Ms')?.values ?? []).map((ms, index) => ms / (stalls[index] ?? 1))
}

function p99Claim(figures: LabFigures, id: string, loop: Loop, holds: (share: number) => boolean): LabClaim {
  const [p99, stalled] = ['p99Ms', 'stallMs'].map((key) => durationText(figures.of(loop, key), 1e-3))
  return {
    id,
    outcome: judgeSeen(shares(figures, loop).map(holds)),
    sentence: `${loop === 'closed' ? 'A closed loop hides a stall.' : 'An open loop shows a stall.'} Here one of ${stalled} showed as a p99 of ${p99}.`,
  }
}

function heatMap({ case: id, events }: LabTrial, name: string): HeatPicture {
  const columns = 1 + Math.max(0, ...events.map(({ t }) => Math.round(t / 1000)))
  const counts = LATENCY_EDGES_MS.slice(1).map(() => Array.from({ length: columns }, () => 0))
  for (const { t, row, count } of events) {
    const cells = counts[Number(row)]
    if (cells !== undefined) cells[Math.round(t / 1000)] = Number(count)
  }
  return {
    kind: 'heat',
    id,
    title: `What the ${name} saw`,
    note: 'How many requests took how long, by the second in which their answers came. The server stood still once.',
    x: { title: 'time', unit: 's', edges: Array.from({ length: columns + 1 }, (_, index) => index) },
    y: { title: 'latency', unit: 'ms', edges: LATENCY_EDGES_MS },
    counts,
  }
}
