import { allOf, judge, judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { CurvePicture, LabCell, LabClaim, LabEvent, LabLanguage } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import type { Estimate } from '../../../core/records.ts'
import { durationText, listText, timesText } from '../figure-text.ts'
import type { Lab, LabCase, LabEvidence, LabMeasurement } from '../lab.ts'
import type { LabPart } from '../telling.ts'

const SLICES_US = [10, 100, 1000, 10_000, 100_000] as const

interface Nap {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
}

const NAPS: readonly Nap[] = [
  { id: 'setImmediate', name: 'setImmediate', language: 'node' },
  { id: 'scheduler.yield', name: 'scheduler.yield', language: 'node' },
  { id: 'setTimeout', name: 'setTimeout(0)', language: 'node' },
  { id: 'promise', name: 'await of a resolved promise', language: 'node' },
  { id: 'python', name: 'asyncio.sleep(0)', language: 'python' },
]

/** Naps after which the event loop turns at once. */
const TURNING: readonly string[] = ['setImmediate', 'scheduler.yield', 'python']

/** The claim about whether others get a turn; that of the others is a matter of no claim. */
function claimsAbout(id: string): readonly string[] {
  return id === 'promise' ? ['promise-yields-nothing'] : []
}

const CHOICES = ['yields', 'yields nothing'] as const

/** A gap follows its slice when it is between this and {@link LONGEST} times as long. */
const SHORTEST = 0.5
const LONGEST = 4

/** A timer naps at least this many times as long as setImmediate. */
const TIMER_DEARER = 20

/** Lab 4: what it costs to let others have a turn, and how long they wait for it. */
export const lab: Lab = {
  id: 'naps',
  number: 4,
  title: 'What does a nap cost?',
  source: 'Fluent Python, 2nd edition, chapter 19: power naps in a coroutine that computes',
  question:
    'A long test of a number takes a nap now and then, so that others on its thread get a turn. What does a nap cost, and does every kind of nap give them one?',
  asks: [
    ...NAPS.map(({ id, name }) => ({
      id,
      label: name,
      kind: 'choice' as const,
      choices: CHOICES,
      claims: claimsAbout(id),
    })),
    {
      id: 'timer-cost',
      label: 'a nap by setTimeout(0)',
      asked: 'a nap by setTimeout(0) takes how long',
      kind: 'number',
      unit: 'µs',
      within: 2,
      claims: ['timer-naps-long'],
    },
  ],
  misconception: 'yielding is free, and any await yields',
  endedBy: ['promise-yields-nothing', 'short-slices-cost-setTimeout'],
  figures: {
    napUs: { title: 'a nap', unit: 'µs' },
    turns: { title: 'turns of the others', unit: '' },
    // Those of the other slice lengths are in the pictures.
    [slowdownKey(10)]: { title: 'slowdown, slices of 10 µs', unit: '×' },
    [gapKey(10)]: { title: 'longest gap, slices of 10 µs', unit: 'ms' },
    [gapKey(100_000)]: { title: 'longest gap, slices of 100 ms', unit: 'ms' },
  },
  change: {
    name: 'milliseconds',
    help: 'How long the test works with each slice length; two slices if that is longer.',
    schema: { type: 'integer', minimum: 10, maximum: 300 },
    default: 25,
    example: 200,
  },
  extent: { quick: { repeats: 3, expectedS: 17 }, full: { repeats: 9, expectedS: 48 } },
  timelessClaims: ['promise-yields-nothing'],
  programs: ['naps-node.ts', 'naps-python.py'],
  cases: ({ change }) => NAPS.map((nap) => napCase(nap, Number(change))),
  outcomes: ({ figures }) => ({
    ...Object.fromEntries(NAPS.map(({ id }) => [id, figures.word(id, 'others')])),
    'timer-cost': figures.of('setTimeout', 'napUs')?.estimate ?? null,
  }),
  claims: ({ figures }) => [
    promiseClaim(figures),
    ...TURNING.filter((id) => figures.cell(id) !== null).map((id) => gapClaim(figures, id)),
    timerClaim(figures),
    shortSlicesClaim(figures, 'setImmediate', 1.05),
    shortSlicesClaim(figures, 'setTimeout', 5),
  ],
  explain,
  pictures: ({ figures }) => [gapCurve(figures), slowdownCurve(figures)],
  servers: {
    text: 'The model `cooperative` computes in slices like these: other requests wait for a slice instead of for the whole computation.',
    line: 'npx forkwise compare --models single,cooperative --workloads mixed --quick',
  },
}

function napCase({ id, name, language }: Nap, forMs: number): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context) => {
      const argument = { slicesUs: SLICES_US, forMs }
      const { events } =
        language === 'node'
          ? await context.run('naps-node.ts', { ...argument, nap: id }, { limitS: 30 })
          : await context.run('naps-python.py', argument, { limitS: 30 })
      return measured(events)
    },
  }
}

function measured(events: readonly LabEvent[]): LabMeasurement {
  const turns = events.reduce((sum, event) => sum + Number(event['turns']), 0)
  const napsUs = events.map((event) => Number(event['napUs']))
  return {
    figures: {
      // The cost of the nap itself: after a long slice it is that of cold caches as well.
      napUs: Math.min(...napsUs),
      turns,
      ...Object.fromEntries(
        events.flatMap((event) => {
          const sliceUs = Number(event['sliceUs'])
          return [
            [slowdownKey(sliceUs), Number(event['slowdown'])],
            [gapKey(sliceUs), Number(event['longestGapMs'])],
            [usualGapKey(sliceUs), Number(event['medianGapMs'])],
          ]
        }),
      ),
    },
    words: { others: turns > 0 ? CHOICES[0] : CHOICES[1] },
    events,
  }
}

function promiseClaim(figures: LabFigures): LabClaim {
  const turns = figures.of('promise', 'turns')
  return {
    id: 'promise-yields-nothing',
    outcome: judgeSeen((turns?.values ?? []).map((count) => count === 0)),
    sentence: `Awaiting a promise that is resolved already yields nothing. Here the others had ${turnsText(figures)} turns in a run.`,
  }
}

/** The median gap follows the slice over two orders of magnitude. */
function gapClaim(figures: LabFigures, id: string): LabClaim {
  const slices = SLICES_US.filter((sliceUs) => sliceUs >= 1000)
  const gaps = slices.map((sliceUs) => quietest(figures, id, usualGapKey(sliceUs)))
  return {
    id: `gap-is-slice-${id}`,
    outcome: allOf(
      gaps.map((gap, index) => {
        const sliceMs = (slices[index] ?? 0) / 1000
        return judge(gap, { above: SHORTEST * sliceMs, below: LONGEST * sliceMs })
      }),
    ),
    sentence: `With ${figures.cell(id)?.name ?? id} the others wait about as long as a slice is. Here they waited, in the quietest run, ${listText(gaps.map((gap, index) => `${durationText(gap, 1e-3)} for slices of ${sliceText(slices[index] ?? 0)}`))}.`,
  }
}

/** Other programs can make times longer and never shorter: the least of all runs is the best evidence of this one. */
function quietest(figures: LabFigures, id: string, key: string): Estimate | null {
  const values = figures.of(id, key)?.values ?? []
  const least = Math.min(...values)
  return values.length === 0 ? null : { estimate: least, low: least, high: least }
}

function timerClaim(figures: LabFigures): LabClaim {
  const ratio = figures.ratio('setTimeout', 'setImmediate', 'napUs')
  return {
    id: 'timer-naps-long',
    outcome: judge(ratio, { above: TIMER_DEARER }),
    sentence: `A nap by setTimeout(0) takes more than ${TIMER_DEARER} times as long as one by setImmediate. Here it took ${timesText(ratio)} as long.`,
  }
}

/** Short slices cost more than long ones: the slowdown at 10 µs over that at 1 ms. */
function shortSlicesClaim(figures: LabFigures, id: string, above: number): LabClaim {
  const [short, long] = [quietest(figures, id, slowdownKey(10)), quietest(figures, id, slowdownKey(1000))]
  const ratio = short === null || long === null ? null : short.estimate / long.estimate
  return {
    id: `short-slices-cost-${id}`,
    outcome: judge(ratio === null ? null : { estimate: ratio, low: ratio, high: ratio }, { above }),
    sentence: `With ${figures.cell(id)?.name ?? id} short slices cost more than long ones. Here the test took, in the quietest runs, ${times(short)} its time in slices of 10 µs, and ${times(long)} in slices of 1 ms.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const nap = (id: string): string => durationText(figures.of(id, 'napUs'), 1e-6)
  const gap = (sliceUs: number): string => durationText(figures.of('setImmediate', usualGapKey(sliceUs)), 1e-3)
  const slowdown = (sliceUs: number): string => times(figures.of('setImmediate', slowdownKey(sliceUs)))
  return [
    {
      measured: `A nap by setImmediate took ${nap('setImmediate')}, by scheduler.yield ${nap('scheduler.yield')} and by setTimeout(0) ${nap('setTimeout')}`,
      so: 'a timer waits for a millisecond at least',
      claims: ['timer-naps-long'],
    },
    {
      measured: `The others on the thread waited for ${gap(1000)} with slices of 1 ms, and for ${gap(100_000)} with slices of 100 ms`,
      so: 'they wait about as long as a slice is',
      claims: ['gap-is-slice-setImmediate'],
    },
    {
      measured: `In slices of 10 µs the test took ${slowdown(10)} its time, in slices of 1 ms ${slowdown(1000)}`,
      so: 'the price is one nap for each slice',
      claims: ['short-slices-cost-setImmediate', 'short-slices-cost-setTimeout'],
    },
    {
      measured: `Awaiting a promise that is resolved already cost ${nap('promise')}, and the others had ${turnsText(figures)} turns`,
      so: 'such an await goes on before anything else of the event loop',
      claims: ['promise-yields-nothing'],
    },
    ...(figures.cell('python') === null
      ? []
      : [{ measured: `In Python, a nap by asyncio.sleep(0) took ${nap('python')}` }]),
  ]
}

function turnsText(figures: LabFigures): string {
  const turns = figures.of('promise', 'turns')
  return turns === null ? 'an unknown number of' : formatCount(turns.estimate)
}

function gapCurve({ cells }: LabFigures): CurvePicture {
  return {
    kind: 'curve',
    id: 'gaps',
    title: 'The longest time without a turn',
    note: 'How long the others on the thread waited at most, by the length of a slice; a resolved promise keeps them waiting until all is done.',
    x: { title: 'slice', unit: 'ms', log: true },
    y: { title: 'longest gap', unit: 'ms', log: true },
    series: cells.map((cell) => seriesOf(cell, gapKey)),
    marks: [],
  }
}

function slowdownCurve({ cells }: LabFigures): CurvePicture {
  return {
    kind: 'curve',
    id: 'slowdown',
    title: 'What the naps cost',
    note: 'How many times as long the test took with its naps as without, by the length of a slice.',
    x: { title: 'slice', unit: 'ms', log: true },
    y: { title: 'time', unit: '×', log: true },
    series: cells.map((cell) => seriesOf(cell, slowdownKey)),
    marks: [],
  }
}

function seriesOf(
  { name, language, figures }: LabCell,
  key: (sliceUs: number) => string,
): CurvePicture['series'][number] {
  return {
    name: language === 'python' ? `Python: ${name}` : name,
    style: 'measured',
    points: SLICES_US.flatMap((sliceUs) => {
      const figure = figures[key(sliceUs)]
      return figure === undefined
        ? []
        : [{ x: sliceUs / 1000, y: figure.estimate, low: Math.min(...figure.values), high: Math.max(...figure.values) }]
    }),
  }
}

function slowdownKey(sliceUs: number): string {
  return `slowdown${sliceUs}us`
}

function gapKey(sliceUs: number): string {
  return `longestGap${sliceUs}usMs`
}

function usualGapKey(sliceUs: number): string {
  return `medianGap${sliceUs}usMs`
}

function sliceText(sliceUs: number): string {
  return sliceUs < 1000 ? `${sliceUs} µs` : `${sliceUs / 1000} ms`
}

function times(slowdown: { readonly estimate: number } | null): string {
  return slowdown === null ? 'an unknown number of times' : `${formatCount(slowdown.estimate)} times`
}
