import type { Lane, LaneTrouble } from '../../../analysis/timeline/lane.ts'
import type { Timeline } from '../../../analysis/timeline/state.ts'
import { groupBy } from '../../../core/group.ts'
import { formatDuration } from '../../../core/quantities.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisBelow, shorten } from './axis.ts'
import { RUN_FRAME } from './heat.ts'
import { timeScale } from './scale.ts'

/** A place in a launch, `worker-1` say, with all units that had it over the run. */
export interface UnitLane {
  readonly name: string
  readonly lives: readonly { readonly fromMs: number; readonly toMs: number; readonly isGone: boolean }[]
  readonly troubles: readonly { readonly state: LaneTrouble['state']; readonly fromMs: number; readonly toMs: number }[]
}

/** Most lanes; a run with more has the first. */
const MOST_LANES = 24

const [TOP, ROW] = [6, 16]

/** The lanes of a run, by name. */
export function unitLanes({ allLanes, nowMs }: Timeline): UnitLane[] {
  const byName = groupBy(allLanes, ({ unit }) => unit.name)
  return [...byName]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .slice(0, MOST_LANES)
    .map(([name, lanes]) => ({
      name,
      lives: lanes.map(({ bornAtMs, endedAtMs, state }) => ({
        fromMs: bornAtMs,
        toMs: endedAtMs ?? nowMs,
        isGone: state === 'gone',
      })),
      troubles: lanes.flatMap((lane) => troublesOf(lane, nowMs)),
    }))
}

function troublesOf({ troubles, endedAtMs }: Lane, nowMs: number): UnitLane['troubles'] {
  return troubles.map(({ state, fromMs, toMs }) => ({ state, fromMs, toMs: toMs ?? endedAtMs ?? nowMs }))
}

/** The lives of all units over the time of a run, and the faults that were injected. */
export function unitLanesPlot(
  id: string,
  label: string,
  { nowMs, marks }: Timeline,
  lanes: readonly UnitLane[],
  startMs: number,
): Markup {
  const scale = timeScale(Math.max(1, (nowMs - startMs) / 1000), [RUN_FRAME.left, RUN_FRAME.right])
  const x = (atMs: number): number => scale.at((atMs - startMs) / 1000)
  const bottom = TOP + ROW * lanes.length
  const bar = (from: number, to: number, y: number, height: number): string =>
    `M${from.toFixed(1)} ${y}h${Math.max(0.6, to - from).toFixed(1)}v${height}h${(-Math.max(0.6, to - from)).toFixed(1)}z`
  const faults = marks.filter(({ level }) => level === 'fault')
  return plot(id, { width: RUN_FRAME.width, height: bottom + 32 }, label, [
    axisBelow({
      scale,
      top: TOP,
      bottom,
      width: RUN_FRAME.width,
      label: 'time',
      format: (tick) => (tick === 0 ? '0' : formatDuration(tick)),
    }),
    faults.map(
      ({ atMs, text }) =>
        markup`<path class="lane-fault" d="M${x(atMs)} ${TOP}V${bottom}"><title>${text}</title></path>`,
    ),
    lanes.map(({ name, lives, troubles }, place) => {
      const y = TOP + ROW * place + 3
      const spans = (state: string): string =>
        troubles
          .filter((trouble) => trouble.state === state)
          .map(({ fromMs, toMs }) => bar(x(fromMs), x(toMs), y, ROW - 6))
          .join('')
      const ends = lives.filter(({ isGone }) => isGone)
      return markup`<g class="axis"><text x="${RUN_FRAME.left - 6}" y="${y + 9}" text-anchor="end">${shorten(name, 14)}</text></g>
<path class="lane-life" d="${lives.map(({ fromMs, toMs }) => bar(x(fromMs), x(toMs), y, ROW - 6)).join('')}"/>
<path class="lane-stopped" d="${spans('stopped')}${spans('silent')}"/><path class="lane-blocked" d="${spans('blocked')}"/>
<path class="lane-gone" d="${ends.map(({ toMs }) => `M${(x(toMs) - 4).toFixed(1)} ${y + 1}l8 8m0 -8l-8 8`).join('')}"/>\n`
    }),
  ])
}
