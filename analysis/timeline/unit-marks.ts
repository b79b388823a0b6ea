import type { TimelineUnit } from '../../core/timeline.ts'
import { countText } from '../wording.ts'
import type { Lane } from './lane.ts'
import type { Mark } from './state.ts'

/** A loop that does not turn for so long, in ms, is told of; shorter ones are only in its lane. */
const TOLD_BLOCK_MS = 1000

/** A trouble of a unit that the strip of events tells of. */
export type ToldTrouble = 'blocked' | 'stopped' | 'silent'

/** A trouble as it begins and as it ends. */
const TROUBLES: Readonly<Record<ToldTrouble, (unit: TimelineUnit) => readonly [begins: string, ends: string]>> = {
  blocked: (unit) => [
    `the event loop of ${unitText(unit)} has been blocked for a second`,
    `the event loop of ${unitText(unit)} turns again`,
  ],
  stopped: (unit) => [`${unitText(unit)} is stopped by a signal`, `${unitText(unit)} goes on`],
  silent: (unit) => [`${unitText(unit)} does not answer any more`, `${unitText(unit)} answers again`],
}

/** What happened to a unit since it was told of last: a trouble that began or ended, its end. Notes that it was told. */
export function newsOfUnit(lane: Lane, atMs: number): Mark[] {
  const { unit, endedAtMs, told } = lane
  if (endedAtMs !== null) {
    if (told === 'ended') return []
    lane.told = 'ended'
    return [
      lane.state === 'left'
        ? { atMs, level: 'info', text: `${unitText(unit)} has left` }
        : { atMs, level: 'warning', text: `${unitText(unit)} is gone` },
    ]
  }
  const trouble = troubleOf(lane, atMs)
  if (trouble === told || told === 'ended') return []
  lane.told = trouble
  if (trouble !== null) return [{ atMs, level: 'warning', text: TROUBLES[trouble](unit)[0] }]
  return told === null ? [] : [{ atMs, level: 'info', text: TROUBLES[told](unit)[1] }]
}

/** A unit that came into service in a launch that runs; `before`: the one that had its place last. */
export function arrivalMark({ unit, bornAtMs }: Lane, before: Lane | undefined): Mark {
  const place = before === undefined ? '' : `, in the place of pid ${before.unit.pid}`
  return { atMs: bornAtMs, level: 'info', text: `${unitText(unit)} is in service${place}` }
}

/** A launch came into service. */
export function launchMark(launch: string, units: readonly TimelineUnit[], atMs: number): Mark {
  const are = units.length === 1 ? 'is' : 'are'
  return { atMs, level: 'info', text: `${launch}: ${countText(units.length, 'unit')} ${are} in service` }
}

function troubleOf({ state, sinceMs }: Lane, atMs: number): ToldTrouble | null {
  if (state === 'stopped' || state === 'silent') return state
  return state === 'blocked' && atMs - sinceMs >= TOLD_BLOCK_MS ? state : null
}

/** A unit as people tell it from others: `worker-1 (pid 4242)`. */
function unitText({ name, pid, thread }: TimelineUnit): string {
  return `${name} (pid ${pid}${thread === null ? '' : `, thread ${thread}`})`
}
