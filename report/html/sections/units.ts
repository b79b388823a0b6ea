import { Player } from '../../../analysis/timeline/player.ts'
import type { Timeline } from '../../../analysis/timeline/state.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import { isSentLate } from '../../../core/lateness.ts'
import { formatDuration } from '../../../core/quantities.ts'
import type { TimelineItem } from '../../../core/timeline.ts'
import { TimelineReader } from '../../../store/timeline-file.ts'
import { heatPlot } from '../charts/heat.ts'
import { type UnitLane, unitLanes, unitLanesPlot } from '../charts/unit-lanes.ts'
import type { Section } from '../context.ts'
import { type DataTable, figure } from '../figure.ts'
import { markup } from '../markup.ts'

/** The timeline of a run, or what is wrong with its file. */
export type RunTimeline = readonly TimelineItem[] | ForkwiseError

/** The timeline of a results folder: no items where there is none, the error where it is damaged. */
export function timelineItems(dir: string | undefined): RunTimeline {
  if (dir === undefined) return []
  try {
    return new TimelineReader(dir).read().map(({ item }) => item)
  } catch (thrown) {
    if (thrown instanceof ForkwiseError) return thrown
    throw thrown
  }
}

/**
 * Latencies and units over the time of the run, as its live page shows them; null for a run without a timeline. Of a
 * damaged one it says what is wrong: what else is in the report does not come from it.
 */
export function unitsSection(items: RunTimeline): Section | null {
  if (items instanceof ForkwiseError) {
    return { ...SECTION, body: markup`<p>${items.message} The rest of this report is not made from it.</p>` }
  }
  const player = new Player()
  player.add(items)
  const timeline = player.newest
  const lanes = unitLanes(timeline)
  if (timeline.columns.length === 0 || lanes.length === 0) return null
  return {
    ...SECTION,
    body: markup`<p class="lead">What the live page shows: <code>npx forkwise watch DIR</code> replays it.</p>
${figure({
  id: 'heat',
  title: 'Latency of each second',
  note: 'A cell is the share of the answers of that time with that latency. Line: p99. Grey: the generator was late. Warm-ups are in it.',
  svg: heatPlot('heat', 'Heat map of the latencies over the time of the run', timeline, player.startMs),
  table: secondsTable(timeline),
  wide: true,
})}
${figure({
  id: 'unit-lanes',
  title: 'The life of each unit',
  note: 'Bars: in service. Marked: its event loop was blocked, or its process was stopped. A cross: it ended without being asked to.',
  svg: unitLanesPlot(
    'unit-lanes',
    'When each unit was in service, blocked or stopped',
    timeline,
    lanes,
    player.startMs,
  ),
  table: lanesTable(lanes),
  wide: true,
})}`,
  }
}

const SECTION = { id: 'units', title: 'Latencies and units, second by second', short: 'Units' } as const

/** What the seconds come to: the heat map in few figures. */
function secondsTable({ columns }: Timeline): DataTable {
  const failed = columns.reduce((sum, second) => sum + second.failed, 0)
  const late = columns.filter(isSentLate).length
  return {
    headings: ['seconds of load', 'failed', 'with requests sent late'],
    rows: [[String(columns.length), String(failed), String(late)]],
  }
}

function lanesTable(lanes: readonly UnitLane[]): DataTable {
  return {
    headings: ['unit', 'lives', 'in service', 'blocked', 'stopped', 'ended unasked'],
    rows: lanes.map(({ name, lives, troubles }) => [
      name,
      String(lives.length),
      formatDuration(Math.round(total(lives) / 1000)),
      `${(total(troubles.filter(({ state }) => state === 'blocked')) / 1000).toFixed(1)} s`,
      `${(total(troubles.filter(({ state }) => state === 'stopped')) / 1000).toFixed(1)} s`,
      String(lives.filter(({ isGone }) => isGone).length),
    ]),
  }
}

function total(spans: readonly { readonly fromMs: number; readonly toMs: number }[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}
