import type { Timeline, TimelineSlice } from '../../digest.ts'
import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisLeft } from './axis.ts'
import { type Scale, tickLabel, timeScale } from './scale.ts'
import { timelineLanes } from './timeline-lanes.ts'

const WIDTH = 1180
const LEFT = 64
const RIGHT = 1172
const LANE = 96
const GAP = 30
/** Top of the first lane; above it a strip says which workload ran. */
const TOP = 46

/** Rate, tail latency, event loop, CPU and memory of every trial on one time axis, dropped blocks hatched. */
export function timelinePlot(
  id: string,
  label: string,
  timeline: Timeline,
  looks: ReadonlyMap<string, Look>,
  timeLabel: (seconds: number) => string,
): Markup {
  const time = timeScale(Math.max(1, timeline.lengthS), [LEFT, RIGHT])
  const { slices } = timeline
  const lanes = timelineLanes(slices, looks, time).map((lane, index) => {
    const bottom = TOP + index * (LANE + GAP) + LANE
    const scale = lane.scale([bottom, bottom - LANE])
    return { title: lane.title, scale, bottom, marks: lane.marks(scale) }
  })
  const bottom = lanes.at(-1)?.bottom ?? TOP
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
