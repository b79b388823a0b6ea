import { monotonicS } from '../clock.ts'

/** How often the event loop says that it turns, in seconds: a block shorter than this can go unseen. */
export const BEAT_S = 0.05

/** Seconds for which the longest delay is remembered, so that every scrape sees it. */
const REMEMBERED_S = 5

/** Cells: the last beat, then for each second of a ring its number and the longest delay in it. */
const LAST_BEAT = 0
const RING = 1

/** The heartbeat of an event loop. */
export interface Heartbeat {
  /** Forgets all delays until now: what a process met while it loaded its code delayed nobody. */
  readonly forget: () => void
  readonly stop: () => void
}

/**
 * Writes to shared memory when the event loop turned last and by how much it was late. A beat's lateness is the delay
 * that any other timer or request would have met at that moment.
 */
export function startHeartbeat(cells: Float64Array): Heartbeat {
  let dueS = monotonicS() + BEAT_S
  cells[LAST_BEAT] = monotonicS()
  const timer = setInterval(() => {
    const nowS = monotonicS()
    noteDelay(cells, nowS, Math.max(0, nowS - dueS))
    cells[LAST_BEAT] = nowS
    dueS = nowS + BEAT_S
  }, BEAT_S * 1000).unref()
  return {
    forget: () => {
      const nowS = monotonicS()
      cells.fill(0, RING, RING + 2 * REMEMBERED_S)
      cells[LAST_BEAT] = nowS
      dueS = nowS + BEAT_S
    },
    stop: () => clearInterval(timer),
  }
}

/** Seconds since the event loop last turned; readable from any thread. */
export function heartbeatAgeS(cells: Float64Array): number {
  return Math.max(0, monotonicS() - (cells[LAST_BEAT] ?? 0))
}

/** When the event loop last turned, in seconds on the machine's monotonic clock; readable from any thread. */
export function turnedAtS(cells: Float64Array): number {
  return cells[LAST_BEAT] ?? 0
}

/** Longest delay of the last seconds, one that is still going on included; readable from any thread. */
export function delayMaxS(cells: Float64Array): number {
  const nowS = monotonicS()
  let maxS = Math.max(0, heartbeatAgeS(cells) - BEAT_S)
  for (let slot = 0; slot < REMEMBERED_S; slot++) {
    const second = cells[RING + 2 * slot] ?? 0
    if (second > Math.floor(nowS) - REMEMBERED_S) maxS = Math.max(maxS, cells[RING + 2 * slot + 1] ?? 0)
  }
  return maxS
}

function noteDelay(cells: Float64Array, nowS: number, delayS: number): void {
  const second = Math.floor(nowS)
  const at = RING + 2 * (second % REMEMBERED_S)
  const fresh = cells[at] !== second
  cells[at + 1] = fresh ? delayS : Math.max(cells[at + 1] ?? 0, delayS)
  cells[at] = second
}
