import type { TimelineSlice } from '../../digest.ts'
import type { Look } from '../palette.ts'
import { markup, type Markup } from '../markup.ts'
import { linePath } from './axis.ts'
import { fittingScale, linearScale, type Scale } from './scale.ts'

/** One lane of the timeline: what it is called, its axis, and what is drawn on it. */
export interface Lane {
  readonly title: string
  scale(range: readonly [bottom: number, top: number]): Scale
  marks(scale: Scale): Markup[]
}

/** The lanes that a run has figures for; event loops only where they were recorded. */
export function timelineLanes(slices: readonly TimelineSlice[], looks: ReadonlyMap<string, Look>, time: Scale): Lane[] {
  const seconds = slices.flatMap((slice) => slice.seconds)
  const readings = slices.flatMap((slice) => slice.eventLoop)
  const busiest = highest(slices, (slice) => Math.max(slice.serverCores, slice.generatorCores, slice.foreignCores))
  const mebibytes = (slice: TimelineSlice): number => slice.memoryBytes / 2 ** 20
  const rates: Lane[] = [
    {
      title: 'answers per second',
      scale: (range) =>
        fittingScale(
          seconds.map((second) => second.ratePerS),
          range,
        ),
      marks: (scale) => secondLines(slices, looks, time, scale, (second) => second.ratePerS),
    },
    {
      title: 'p99, ms',
      scale: (range) =>
        fittingScale(
          seconds.map((second) => second.p99Ms ?? 0),
          range,
        ),
      marks: (scale) => secondLines(slices, looks, time, scale, (second) => second.p99Ms),
    },
  ]
  const eventLoops: Lane[] = [
    {
      title: 'event loop of the busiest worker: share of time that it was not idle',
      scale: (range) => linearScale([0, 1], range, 2),
      marks: (scale) => loopLines(slices, looks, time, scale, (reading) => reading.utilization),
    },
    {
      title: 'event loop of the latest worker: longest delay, ms',
      scale: (range) =>
        fittingScale(
          readings.map((reading) => reading.delayMs ?? 0),
          range,
        ),
      marks: (scale) => loopLines(slices, looks, time, scale, (reading) => reading.delayMs || null),
    },
  ]
  const resources: Lane[] = [
    {
      title: 'CPU, cores: server; generator dashed; everything else dotted',
      scale: (range) => linearScale([0, busiest], range, 3),
      marks: (scale) => [
        ...dashes(slices, looks, time, (slice) => scale.at(slice.serverCores)),
        levelLine(slices, time, 'generator', (slice) => scale.at(slice.generatorCores)),
        levelLine(slices, time, 'foreign', (slice) => scale.at(slice.foreignCores)),
      ],
    },
    {
      title: 'memory of the server, MiB',
      scale: (range) => linearScale([0, highest(slices, mebibytes)], range, 3),
      marks: (scale) => dashes(slices, looks, time, (slice) => scale.at(mebibytes(slice))),
    },
  ]
  return readings.length === 0 ? [...rates, ...resources] : [...rates, ...eventLoops, ...resources]
}

/** A line through the event loop readings of each trial; one path per model. */
function loopLines(
  slices: readonly TimelineSlice[],
  looks: ReadonlyMap<string, Look>,
  time: Scale,
  scale: Scale,
  value: (reading: TimelineSlice['eventLoop'][number]) => number | null,
): Markup[] {
  return grouped(slices.filter((slice) => slice.eventLoop.length > 0)).map(({ model, own }) => {
    const points = own.flatMap((each) => [
      ...each.eventLoop.map((reading): [number, number] | null => {
        const found = value(reading)
        return found === null ? null : [time.at(reading.atS), scale.at(found)]
      }),
      null,
    ])
    return markup`<g class="${classesOf(looks, model)}"><title>${model}</title><path class="trace level" d="${dotted(points)}"/></g>\n`
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
    const thread = threads(own, (each) => {
      const known = each.seconds.map(value).filter((found) => found !== null && found > 0)
      const middle = known[Math.floor(known.length / 2)] ?? null
      return middle === null ? null : [time.at((each.fromS + each.toS) / 2), scale.at(middle)]
    })
    return markup`<g class="${classesOf(looks, model)}"><title>${model}, ${SLICE_WORDS[slice]}</title>${thread}<path class="trace ${slice}" d="${dotted(points)}"/></g>\n`
  })
}

/** Fine lines from trial to trial of a model under one workload, so that the eye finds what belongs together. */
function threads(own: readonly TimelineSlice[], middleOf: (slice: TimelineSlice) => [number, number] | null): Markup {
  const workloads = [...new Set(own.map(({ workload }) => workload))]
  const paths = workloads.map((workload) =>
    linePath(
      own
        .filter((slice) => slice.workload === workload)
        .toSorted((a, b) => a.fromS - b.fromS)
        .map(middleOf)
        .filter((point) => point !== null),
    ),
  )
  return markup`<path class="trace-thread" d="${paths.join('')}"/>`
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
    const thread = threads(own, (each) => [time.at((each.fromS + each.toS) / 2), y(each)])
    return markup`<g class="${classesOf(looks, model)}"><title>${model}, ${SLICE_WORDS[slice]}</title>${thread}<path class="trace level" d="${linePath(points)}"/></g>\n`
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

function classesOf(looks: ReadonlyMap<string, Look>, model: string): string {
  return looks.get(model)?.classes ?? 's0 d0'
}
