import type { LoadPhase, TimelineUnit } from '../../core/timeline.ts'
import { countText } from '../wording.ts'
import type { Lane, ToldTrouble } from './lane.ts'
import type { Mark } from './mark.ts'

/** A unit that does not turn, or does not answer, for so long, in ms, is told of; shorter spans are only in its lane. */
const TOLD_AFTER_MS = 1000

/** A trouble as it begins and as it ends. */
const TROUBLES: Readonly<Record<ToldTrouble, (unit: TimelineUnit) => readonly [begins: string, ends: string]>> = {
  blocked: (unit) => [
    `${unitText(unit)}: event loop blocked for a second`,
    `${unitText(unit)}: event loop turns again`,
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
  const text = before === undefined ? 'is in service' : `replaces pid ${before.unit.pid}`
  return { atMs: bornAtMs, level: 'info', text: `${unitText(unit)} ${text}` }
}

/** A launch came into service. */
export function launchMark(launch: string, units: readonly TimelineUnit[], atMs: number): Mark {
  const are = units.length === 1 ? 'is' : 'are'
  return { atMs, level: 'info', text: `${launch}: ${countText(units.length, 'unit')} ${are} in service` }
}

/** A load enters another of its phases, or begins. */
export function loadMark(phase: LoadPhase, atMs: number): Mark {
  return { atMs, level: 'info', text: PHASES[phase] }
}

const PHASES: Readonly<Record<LoadPhase, string>> = {
  warmup: 'a load warms up',
  counting: 'a load is counted',
  draining: 'a load sends nothing more and waits for its last answers',
}

function troubleOf({ state, sinceMs }: Lane, atMs: number): ToldTrouble | null {
  if (state === 'stopped') return state
  return (state === 'blocked' || state === 'silent') && atMs - sinceMs >= TOLD_AFTER_MS ? state : null
}

/** A unit as people tell it from others: `worker-1 (pid 4242)`. */
function unitText({ name, pid, thread }: TimelineUnit): string {
  return `${name} (pid ${pid}${thread === null ? '' : `, thread ${thread}`})`
}
