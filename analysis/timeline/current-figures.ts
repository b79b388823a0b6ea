import type { LoadSecondFigures } from '../../core/timeline.ts'
import type { Lane, LaneSecond } from './lane.ts'
import type { LoadColumn, Timeline } from './state.ts'

/** Figures of a second that ended longer ago than this, in ms, are not those of the moment. */
const CURRENT_MS = 2500

/** The second of load that stands for a moment. */
export interface ShownSecond {
  readonly second: LoadColumn
  /** It is the second that just ended; otherwise there is no load at that moment. */
  readonly isCurrent: boolean
}

/**
 * The second whose figures stand for the moment: the last one while a load runs, afterwards its last whole second, since
 * that of its end holds only a part of the answers. Null before the first of the launch: those of another say nothing of it.
 */
export function shownSecond({
  columns,
  nowMs,
  end,
  launchNumber,
}: Pick<Timeline, 'columns' | 'nowMs' | 'end' | 'launchNumber'>): ShownSecond | null {
  const newest = columns.at(-1)
  if (newest === undefined || newest.launchNumber !== launchNumber) return null
  if (end === null && isRecent(newest, nowMs) && newest.phase !== 'draining') return { second: newest, isCurrent: true }
  const counted = columns.filter((column) => column.launchNumber === launchNumber && column.phase === 'counting')
  const whole = counted.findLast((column) => !endsWithinSecond(column))
  return { second: whole ?? counted.at(-1) ?? newest, isCurrent: false }
}

/** Whether it is the rest of a second, with which a slice ended. */
export function endsWithinSecond({ phase, elapsedS }: Pick<LoadSecondFigures, 'phase' | 'elapsedS'>): boolean {
  return phase === 'counting' && !Number.isInteger(elapsedS)
}

/** What a unit reported in the second that just ended; null where it did not: older figures say nothing of the moment. */
export function currentSecond({ seconds, endedAtMs, state }: Lane, nowMs: number): LaneSecond | null {
  const last = seconds.at(-1)
  const isSilent = endedAtMs !== null || state === 'stopped' || state === 'silent'
  return last === undefined || isSilent || !isRecent(last, nowMs) ? null : last
}

function isRecent({ atMs }: { readonly atMs: number }, nowMs: number): boolean {
  return nowMs - atMs <= CURRENT_MS
}
