import { judge } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { BarsPicture, GanttPicture, LabClaim } from '../../../core/lab-record.ts'
import { durationText, timesText } from '../figure-text.ts'
import type { Lab, LabEvidence, LabSetting } from '../lab.ts'
import type { LabPart } from '../telling.ts'

const SHOPS: readonly (readonly [id: string, name: string])[] = [
  ['one-queue', 'one queue before all'],
  ['least-busy', 'to the least busy'],
  ['in-turn', 'in turn (round robin)'],
  ['at-random', 'at random'],
]
const ONE_QUEUE = 'one-queue'
const WORKERS = 4
/** Mean time that a customer needs. */
const NEED_MS = 10
/** How long the traced part is, in ms: that many customers can still be told apart. */
const TRACED_MS = 500

/** Where timers are late by more than this share of the p99 of one queue, the machine is measured and not the queues. */
const LATE_SHARE = 0.25

/** Lab 7: the same customers and the same workers, dealt in different ways. */
export const lab: Lab = {
  id: 'queues',
  number: 7,
  title: 'One queue or many?',
  source: 'Queues before several servers: Kleinrock, Queueing Systems (1975)',
  question: `${WORKERS} workers are busy for 70 % of the time. The same customers come at the same moments, and are sent to a worker in turn, at random, to the one with the fewest customers, or wait in one queue. How many times the 99th percentile of one queue is that of the others?`,
  asks: SHOPS.filter(([id]) => id !== ONE_QUEUE).map(([id, label]) => ({
    id,
    label,
    asked: `${label}: their p99 is how many times that of one queue`,
    kind: 'number',
    unit: '×',
    within: 1.25,
    claims: [`${id === 'at-random' ? 'random' : id}-is-${id === 'least-busy' ? 'better' : 'worse'}`],
  })),
  misconception: 'round robin is fair',
  endedBy: ['in-turn-is-worse'],
  figures: {
    p99Ms: { title: 'p99', unit: 'ms' },
    customers: { title: 'customers', unit: '' },
    latenessMs: { title: 'timers late (p99)', unit: 'ms' },
  },
  change: {
    name: 'load',
    help: 'Share of the time in which the workers are busy.',
    schema: { type: 'number', minimum: 0.1, maximum: 0.9 },
    default: 0.7,
    example: 0.9,
  },
  extent: { quick: { repeats: 5, expectedS: 19 }, full: { repeats: 8, expectedS: 56 } },
  programs: ['queues-deal.ts'],
  cases,
  outcomes: ({ figures }) =>
    Object.fromEntries(
      SHOPS.flatMap(([id]) => (id === ONE_QUEUE ? [] : [[id, ratioTo(figures, id)?.estimate ?? null]])),
    ),
  claims: ({ figures }) => [
    dearerClaim(figures, 'in-turn-is-worse', 'in-turn', 'in turn'),
    dearerClaim(figures, 'random-is-worse', 'at-random', 'at random'),
    leastBusyClaim(figures),
  ],
  explain,
  pictures: (evidence) => [...replays(evidence), p99s(evidence.figures)],
  servers: {
    text: 'A proxy that deals requests in turn has a queue for each worker; workers that accept from one socket, or take from one pool, share a queue.',
    line: 'npx forkwise compare --models nginx-fork,nginx-fork-least,cluster-shared --workloads cpu --quick',
  },
}

/** All four shops are open at the same time for the same customers: one run of the program measures all of them. */
function cases({ change, quick }: LabSetting): ReturnType<Lab['cases']> {
  return SHOPS.map(([id, name]) => ({
    id,
    name,
    language: 'node',
    measure: async ({ repeat, run, share }) => {
      const argument = {
        seed: repeat,
        workers: WORKERS,
        load: Number(change),
        needMs: NEED_MS,
        seconds: quick ? 2.5 : 5.5,
        tracedMs: repeat === 1 ? TRACED_MS : 0,
      }
      const { result, events } = await share('shops', () => run('queues-deal.ts', argument, { limitS: 40 }))
      const { customers, latenessMs } = result
      return {
        figures: { p99Ms: Number(result[id]), customers: Number(customers), latenessMs: Number(latenessMs) },
        events: events.filter(({ shop }) => shop === id),
      }
    },
  }))
}

function ratioTo(figures: LabFigures, id: string): ReturnType<LabFigures['ratio']> {
  return figures.ratio(id, ONE_QUEUE, 'p99Ms')
}

/** Whether timers came too late to tell queues from a machine that is busy with other things. */
function isLate(figures: LabFigures): boolean {
  const [late, p99] = [figures.of(ONE_QUEUE, 'latenessMs'), figures.of(ONE_QUEUE, 'p99Ms')]
  return late !== null && p99 !== null && late.estimate > LATE_SHARE * p99.estimate
}

function dearerClaim(figures: LabFigures, id: string, shop: string, how: string): LabClaim {
  const ratio = ratioTo(figures, shop)
  const outcome = judge(ratio, { above: 1 })
  return {
    id,
    outcome: isLate(figures) && outcome !== 'confirmed' ? 'undecided' : outcome,
    sentence: `Customers who are dealt ${how} wait longer than in one queue. Here their p99 was ${timesText(ratio)} that of one queue.${lateText(figures)}`,
  }
}

function leastBusyClaim(figures: LabFigures): LabClaim {
  const ratio = figures.ratio('least-busy', 'in-turn', 'p99Ms')
  const outcome = judge(ratio, { below: 1 })
  return {
    id: 'least-busy-is-better',
    outcome: isLate(figures) && outcome !== 'confirmed' ? 'undecided' : outcome,
    sentence: `Customers who are sent to the worker with the fewest wait less than those dealt in turn. Here their p99 was ${timesText(ratio)} that of the others.${lateText(figures)}`,
  }
}

function lateText(figures: LabFigures): string {
  if (!isLate(figures)) return ''
  return ` Timers were ${durationText(figures.of(ONE_QUEUE, 'latenessMs'), 1e-3)} late, so that other programs use the cores.`
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const p99 = (id: string): string => durationText(figures.of(id, 'p99Ms'), 1e-3)
  return [
    { measured: `With one queue before ${WORKERS} workers, 99 % of the customers were done within ${p99(ONE_QUEUE)}` },
    {
      measured: `Dealt in turn it was ${p99('in-turn')}, at random ${p99('at-random')}`,
      so: 'needs are not even, and a customer who is sent to a worker waits there while another worker has nothing to do, however evenly they are dealt',
      claims: ['in-turn-is-worse', 'random-is-worse'],
    },
    {
      measured: `Sent to the worker with the fewest customers it was ${p99('least-busy')}`,
      so: 'it helps to know who is busy',
      claims: ['least-busy-is-better'],
    },
  ]
}

/** What each worker did in the first part of the first repetition; those who waited longer than their neighbours need. */
function replays({ manifest, trials }: LabEvidence): GanttPicture[] {
  const lanes = manifest.cases.flatMap(({ id, name }) => {
    const events = trials.find((each) => each.case === id && each.events.length > 0)?.events ?? []
    const workers = [...new Set(events.map(({ lane }) => lane))].toSorted()
    return workers.map((lane, index) => ({
      name: `worker ${index + 1}`,
      group: name,
      bars: events
        .filter((event) => event.lane === lane)
        .map((event) => {
          const [arriveMs, fromMs, toMs] = ['arriveMs', 'startMs', 'endMs'].map((key) => Number(event[key]))
          const waits = (fromMs ?? 0) - (arriveMs ?? 0) > NEED_MS
          return {
            fromMs: fromMs ?? 0,
            toMs: toMs ?? 0,
            label: `${event['id']}`,
            tone: waits ? ('bad' as const) : ('busy' as const),
          }
        }),
    }))
  })
  if (lanes.length === 0) return []
  return [
    {
      kind: 'gantt',
      id: 'workers',
      title: 'The same customers in four shops',
      note: 'Each bar is a customer who is served; the red ones had waited for longer than a customer needs on average. Where a lane is empty while others show red, a worker had nothing to do for somebody who waited.',
      spanMs: TRACED_MS,
      lanes,
    },
  ]
}

function p99s({ cells }: LabFigures): BarsPicture {
  return {
    kind: 'bars',
    id: 'p99',
    title: 'How long 99 % of the customers take at most',
    note: 'Waiting and being served.',
    unit: 'ms',
    log: false,
    bars: cells.flatMap(({ name, figures }) => {
      const p99 = figures['p99Ms']
      if (p99 === undefined) return []
      return [{ name, group: `${WORKERS} workers`, value: p99.estimate, low: p99.low, high: p99.high, predicted: null }]
    }),
  }
}
