import type { Timeline, TimelineSlice } from '../../digest.ts'
import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisLeft, linePath } from './axis.ts'
import { fittingScale, linearScale, type Scale, tickLabel, timeScale } from './scale.ts'

const WIDTH = 1180
const LEFT = 64
const RIGHT = 1172
const LANE = 96
const GAP = 30
/** Top of the first lane; above it a strip says which workload ran. */
const TOP = 46

/** One lane of the timeline. */
interface Lane {
  readonly title: string
  readonly scale: Scale
  readonly bottom: number
  readonly marks: readonly Markup[]
}

/** Rate, tail latency, CPU and memory of every trial on one time axis, dropped blocks hatched. */
export function timelinePlot(
  id: string,
  label: string,
  timeline: Timeline,
  looks: ReadonlyMap<string, Look>,
  timeLabel: (seconds: number) => string,
): Markup {
  const time = timeScale(Math.max(1, timeline.lengthS), [LEFT, RIGHT])
  const { slices } = timeline
  const seconds = slices.flatMap((slice) => slice.seconds)
  const bottomOf = (lane: number): number => TOP + lane * (LANE + GAP) + LANE
  const ranged = (values: readonly number[], lane: number): Scale =>
    fittingScale(values, [bottomOf(lane), bottomOf(lane) - LANE])
  const rate = ranged(
    seconds.map((second) => second.ratePerS),
    0,
  )
  const tail = ranged(
    seconds.map((second) => second.p99Ms ?? 0),
    1,
  )
  const cores = linearScale(
    [0, highest(slices, (slice) => Math.max(slice.serverCores, slice.generatorCores, slice.foreignCores))],
    [bottomOf(2), bottomOf(2) - LANE],
    3,
  )
  const mebibytes = linearScale(
    [0, highest(slices, (slice) => slice.memoryBytes / 2 ** 20)],
    [bottomOf(3), bottomOf(3) - LANE],
    3,
  )
  const lanes: Lane[] = [
    {
      title: 'answers per second',
      scale: rate,
      bottom: bottomOf(0),
      marks: secondLines(slices, looks, time, rate, (second) => second.ratePerS),
    },
    {
      title: 'p99, ms',
      scale: tail,
      bottom: bottomOf(1),
      marks: secondLines(slices, looks, time, tail, (second) => second.p99Ms),
    },
    {
      title: 'CPU, cores: server; generator dashed; everything else dotted',
      scale: cores,
      bottom: bottomOf(2),
      marks: [
        ...dashes(slices, looks, time, (slice) => cores.at(slice.serverCores)),
        levelLine(slices, time, 'generator', (slice) => cores.at(slice.generatorCores)),
        levelLine(slices, time, 'foreign', (slice) => cores.at(slice.foreignCores)),
      ],
    },
    {
      title: 'memory of the server, MiB',
      scale: mebibytes,
      bottom: bottomOf(3),
      marks: dashes(slices, looks, time, (slice) => mebibytes.at(slice.memoryBytes / 2 ** 20)),
    },
  ]
  const bottom = bottomOf(lanes.length - 1)
  return plot(id, { width: WIDTH, height: bottom + 30 }, label, [
    markup`<defs><pattern id="${id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern></defs>`,
    timeline.dropped.map(
      ({ fromS, toS, why }) =>
        markup`<rect class="dropped" fill="url(#${id}-hatch)" x="${time.at(fromS)}" y="4" width="${Math.max(2, time.at(toS) - time.at(fromS))}" height="${bottom - 4}"><title>Dropped: ${why}</title></rect>`,
    ),
    workloadStrip(slices, time),
    time.ticks.map(
      (tick) =>
        markup`<g class="axis"><path d="M${time.at(tick)} 4V${bottom}"/><text x="${time.at(tick)}" y="${bottom + 14}" text-anchor="middle">${timeLabel(tick)}</text></g>`,
    ),
    lanes.map((lane) => [
      axisLeft({ scale: lane.scale, left: LEFT, right: RIGHT, label: '', labelY: 0, format: tickLabel }),
      markup`<text class="group" x="${LEFT}" y="${lane.bottom - LANE - 8}">${lane.title}</text>`,
      lane.marks,
    ]),
  ])
}

/** Which workload ran when; a name is written where it has room. */
function workloadStrip(slices: readonly TimelineSlice[], time: Scale): Markup[] {
  const spans: { workload: string; fromS: number; toS: number }[] = []
  for (const { workload, fromS, toS } of slices.toSorted((a, b) => a.fromS - b.fromS)) {
    const last = spans.at(-1)
    if (last?.workload === workload) last.toS = Math.max(last.toS, toS)
    else spans.push({ workload, fromS, toS })
  }
  return spans.map(({ workload, fromS, toS }, index) => {
    const [from, to] = [time.at(fromS), time.at(spans[index + 1]?.fromS ?? toS)]
    const name =
      to - from > workload.length * 6.5
        ? markup`<text class="unit" x="${(from + to) / 2}" y="15" text-anchor="middle">${workload}</text>`
        : null
    return markup`<g><title>${workload}</title><rect class="phase" x="${from + 0.5}" y="4" width="${Math.max(0.5, to - from - 1)}" height="16" rx="2"/>${name}</g>`
  })
}

/** A line through the seconds of each slice; one path per model and kind of slice. */
function secondLines(
  slices: readonly TimelineSlice[],
  looks: ReadonlyMap<string, Look>,
  time: Scale,
  scale: Scale,
  value: (second: TimelineSlice['seconds'][number]) => number | null,
): Markup[] {
  return grouped(slices).map(({ model, slice, own }) => {
    const points = own.flatMap((each) => [
      ...each.seconds.map((second): [number, number] | null => {
        const found = value(second)
        return found === null || found <= 0 ? null : [time.at(second.atS), scale.at(found)]
      }),
      null,
    ])
    return markup`<g class="${looks.get(model)?.classes ?? 's0 d0'}"><title>${model}, ${SLICE_WORDS[slice]}</title><path class="trace ${slice}" d="${dotted(points)}"/></g>\n`
  })
}

/** A slice of one second only would be a line of no length: it gets a short dash. */
function dotted(points: readonly ([number, number] | null)[]): string {
  const drawn = points.flatMap((point, index) => {
    const lonely = point !== null && (points[index - 1] ?? null) === null && (points[index + 1] ?? null) === null
    return lonely
      ? [[point[0] - 1, point[1]] as [number, number], [point[0] + 1, point[1]] as [number, number]]
      : [point]
  })
  return linePath(drawn)
}

function dashes(
  slices: readonly TimelineSlice[],
  looks: ReadonlyMap<string, Look>,
  time: Scale,
  y: (slice: TimelineSlice) => number,
): Markup[] {
  return grouped(slices).map(({ model, slice, own }) => {
    const points = own.flatMap((each): ([number, number] | null)[] => [
      [time.at(each.fromS), y(each)],
      [time.at(each.toS), y(each)],
      null,
    ])
    return markup`<g class="${looks.get(model)?.classes ?? 's0 d0'}"><title>${model}, ${SLICE_WORDS[slice]}</title><path class="trace level" d="${linePath(points)}"/></g>\n`
  })
}

function levelLine(
  slices: readonly TimelineSlice[],
  time: Scale,
  kind: string,
  y: (slice: TimelineSlice) => number,
): Markup {
  const points = slices
    .toSorted((a, b) => a.fromS - b.fromS)
    .map((slice): [number, number] => [time.at((slice.fromS + slice.toS) / 2), y(slice)])
  return markup`<path class="other ${kind}" d="${linePath(points)}"/>`
}

const SLICE_WORDS = { saturation: 'at saturation', latency: 'at the common rate' } as const

function grouped(
  slices: readonly TimelineSlice[],
): { model: string; slice: TimelineSlice['slice']; own: TimelineSlice[] }[] {
  const groups = new Map<string, { model: string; slice: TimelineSlice['slice']; own: TimelineSlice[] }>()
  for (const each of slices) {
    const key = `${each.slice}\u0000${each.model}`
    const group = groups.get(key) ?? { model: each.model, slice: each.slice, own: [] }
    group.own.push(each)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function highest(slices: readonly TimelineSlice[], value: (slice: TimelineSlice) => number): number {
  return slices.reduce((most, slice) => Math.max(most, value(slice)), 0) || 1
}
