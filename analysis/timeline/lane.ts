import { type Beat, BLOCKED_S, type TimelineUnit, type UnitFigures } from '../../core/timeline.ts'

/**
 * What a unit is doing: it turns (`alive`), its event loop does not (`blocked`), a signal stopped it (`stopped`), nothing
 * answers for it (`silent`), it left as it was asked to (`left`), or it is gone without (`gone`). A unit without a
 * heartbeat of its own that runs is `running`.
 */
export type LaneState = 'alive' | 'running' | 'blocked' | 'stopped' | 'silent' | 'left' | 'gone'

/** A trouble of a unit that the strip of events tells of. */
export type ToldTrouble = 'blocked' | 'stopped' | 'silent'

/** The life of one unit, from the moment it is in service until its process ends. */
export interface Lane {
  readonly unit: TimelineUnit
  readonly launch: string
  /** Which launch of the run it belongs to, of those that have begun; several may have the same name. */
  readonly launchNumber: number
  readonly bornAtMs: number
  /** How many units had this place in the launch before. */
  readonly restarts: number
  state: LaneState
  /** Since when it is in that state. */
  sinceMs: number
  /** When it was first heard again after its process was stopped; null while it never was. */
  wentOnAtMs: number | null
  /** Null while it lives. */
  endedAtMs: number | null
  /** When its event loop last turned, on its own clock in seconds; null without a heartbeat. */
  turnedAtS: number | null
  /** How often it was found to have turned since it was looked at before: what moves its spinner. */
  turns: number
  /** When it told the last of these turns, on its own clock in seconds; null before the first. */
  toldAtS: number | null
  /** Its last seconds, oldest first. */
  readonly seconds: LaneSecond[]
  /** Spans in which it did not turn or was stopped, oldest first; the last may still be open. */
  readonly troubles: LaneTrouble[]
  draining: boolean
  /** The trouble, or the end, that the strip of events told of last; null while all is well. */
  told: ToldTrouble | 'ended' | null
}

/** Figures of a unit over one second. */
export interface LaneSecond extends UnitFigures {
  readonly atMs: number
}

/** A span of a unit's life in which it was of no use. */
export interface LaneTrouble {
  readonly state: LaneState
  readonly fromMs: number
  toMs: number | null
}

/** Most seconds that a lane remembers. */
export const LANE_SECONDS = 3600

/** Most spans of trouble that a lane remembers. */
const LANE_TROUBLES = 500

/** A unit comes into service. */
export function beginLane(
  unit: TimelineUnit,
  {
    launch,
    launchNumber,
    atMs,
    restarts,
  }: Pick<Lane, 'launch' | 'launchNumber' | 'restarts'> & { readonly atMs: number },
): Lane {
  return {
    unit,
    launch,
    launchNumber,
    bornAtMs: atMs,
    restarts,
    state: 'running',
    sinceMs: atMs,
    wentOnAtMs: null,
    endedAtMs: null,
    turnedAtS: null,
    turns: 0,
    toldAtS: null,
    seconds: [],
    troubles: [],
    draining: false,
    told: null,
  }
}

/** Takes in what was heard of a unit; nothing is heard of one that has ended. */
export function hearBeat(lane: Lane, beat: Beat, atMs: number): void {
  if (lane.endedAtMs !== null) return
  lane.draining ||= beat.draining
  if (beat.process === 'gone') {
    endLane(lane, atMs)
    return
  }
  const hasTurned = beat.turnedAtS !== null && beat.turnedAtS !== lane.turnedAtS
  if (beat.turnedAtS !== null) lane.turnedAtS = beat.turnedAtS
  if (lane.state === 'stopped' && beat.process !== 'stopped') lane.wentOnAtMs = atMs
  // A loop that does not turn says since when; what lies within a stop is no fault of the loop.
  const turnedAtMs = Math.max(atMs - 1000 * (beat.ageS ?? 0), lane.wentOnAtMs ?? -Infinity)
  const state = stateOf(lane, beat, (atMs - turnedAtMs) / 1000)
  if (hasTurned && state === 'alive') {
    lane.turns += 1
    lane.toldAtS = (beat.turnedAtS ?? 0) + (beat.ageS ?? 0)
  }
  const sinceMs = state === 'blocked' ? turnedAtMs : atMs
  enter(lane, state, Math.max(lane.sinceMs, sinceMs))
}

/** A unit has left, or is gone without a word. */
export function endLane(lane: Lane, atMs: number, asked: boolean = lane.draining): void {
  if (lane.endedAtMs !== null) return
  enter(lane, asked ? 'left' : 'gone', atMs)
  lane.endedAtMs = atMs
}

/** Adds figures of a second. */
export function addSecond(lane: Lane, figures: UnitFigures, atMs: number): void {
  lane.seconds.push({ ...figures, atMs })
  if (lane.seconds.length > LANE_SECONDS) lane.seconds.shift()
}

/** Each turn of an event loop moves its spinner on. */
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** The spinner of a lane: it moves with its event loop, is a dot for a unit without a heartbeat, and a cross at the end. */
export function spinnerOf({ state, turnedAtS, turns }: Pick<Lane, 'state' | 'turnedAtS' | 'turns'>): string {
  if (state === 'gone' || state === 'left') return '✕'
  return turnedAtS === null ? '•' : (FRAMES[turns % FRAMES.length] ?? '')
}

function stateOf(lane: Lane, { process, turnedAtS }: Beat, ageS: number): LaneState {
  if (process === 'stopped') return 'stopped'
  if (turnedAtS === null) return lane.turnedAtS === null ? 'running' : 'silent'
  return ageS > BLOCKED_S ? 'blocked' : 'alive'
}

function enter(lane: Lane, state: LaneState, atMs: number): void {
  if (state === lane.state) return
  const last = lane.troubles.at(-1)
  if (last !== undefined && last.toMs === null) last.toMs = atMs
  if (state === 'blocked' || state === 'stopped' || state === 'silent') {
    lane.troubles.push({ state, fromMs: atMs, toMs: null })
    if (lane.troubles.length > LANE_TROUBLES) lane.troubles.shift()
  }
  lane.state = state
  lane.sinceMs = atMs
}
