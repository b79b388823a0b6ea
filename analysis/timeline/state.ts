import type {
  LatencyLimit,
  LoadSecondFigures,
  TimelineItem,
  TimelineUnit,
  TimelineVerdict,
} from '../../core/timeline.ts'
import { addSecond, beginLane, endLane, hearBeat, type Lane } from './lane.ts'
import type { Mark } from './mark.ts'
import { arrivalMark, launchMark, loadMark, newsOfUnit } from './unit-marks.ts'

/** One second of the load with its time. */
export interface LoadColumn extends LoadSecondFigures {
  readonly atMs: number
  /** Number of the launch that was loaded, as {@link Timeline.launchNumber}. */
  readonly launchNumber: number
}

/** Verdicts as they stood after a round of blocks. */
export interface StandingVerdicts {
  readonly atMs: number
  readonly final: boolean
  readonly verdicts: readonly TimelineVerdict[]
}

/** Most rounds whose verdicts are remembered. */
export const MOST_ROUNDS = 200

/** Most seconds of load that are remembered: four hours. */
export const MOST_COLUMNS = 14_400

/** Most marks that are remembered. */
export const MOST_MARKS = 1000

/** Most lanes that are remembered; those that ended longest ago go first. */
export const MOST_LANES = 256

/**
 * A run as it stands after some of its items: the same items give the same state wherever they come from, a run that is
 * going on or the record of one that is over. Does no input or output and reads no clock.
 */
export class Timeline {
  experiment = ''
  id = ''
  startedAtMs: number | null = null
  expectedS: number | null = null
  steps: number | null = null
  /** Steps that have begun. */
  step = 0
  stepLabel = ''
  phase = ''
  /** The launch that runs, begins, or ran last; empty while one begins that is not named yet. */
  launch = ''
  /** How many launches have begun. */
  launchNumber = 0
  end: { readonly atMs: number; readonly text: string; readonly failed: boolean } | null = null
  /** The moment that it shows: that of the latest item, or a later one that was asked for. */
  nowMs = 0
  readonly columns: LoadColumn[] = []
  readonly marks: Mark[] = []
  /** The verdicts of each round so far, oldest first. */
  readonly rounds: StandingVerdicts[] = []
  /** What the latencies are held against now; null where there is no objective. */
  objective: { readonly text: string; readonly limits: readonly LatencyLimit[] } | null = null
  readonly #lanes = new Map<string, Lane>()
  /** The launch was asked to stop, or there is none yet: the next units are those of another, whatever its name. */
  #isLaunchOver = true
  #isStepOver = false
  #told: Mark[] = []

  /** The lanes of the launch that runs or ran last, by role and name, a restarted unit below the one it replaces. */
  get lanes(): readonly Lane[] {
    return [...this.#lanes.values()]
      .filter(({ launchNumber }) => launchNumber === this.launchNumber)
      .toSorted((a, b) => a.unit.name.localeCompare(b.unit.name, 'en', { numeric: true }) || a.bornAtMs - b.bornAtMs)
  }

  /** The lanes of all launches that are remembered, in the order in which they began. */
  get allLanes(): readonly Lane[] {
    return [...this.#lanes.values()]
  }

  /** Takes in the next item; gives the events that it makes. */
  apply(item: TimelineItem): readonly Mark[] {
    this.#told = []
    this.#take(item)
    return this.#told
  }

  #take(item: TimelineItem): void {
    this.nowMs = Math.max(this.nowMs, item.atMs)
    switch (item.kind) {
      case 'run':
        this.experiment = item.experiment
        this.id = item.id
        this.startedAtMs ??= item.atMs
        this.end = null
        this.#isLaunchOver = true
        this.expectedS = item.expectedS
        this.steps = item.steps
        return
      case 'step':
        this.step += 1
        this.stepLabel = item.label
        this.#isStepOver = false
        if (this.#isLaunchOver) this.#beginLaunch('')
        return
      case 'phase':
        this.phase = item.phase
        if (this.#isLaunchOver && item.phase === 'starting') this.#beginLaunch(item.launch ?? '')
        return
      case 'units':
        this.#takeUnits(item.launch, item.units, item.atMs)
        return
      case 'load':
        this.#tellLoad(item.second, item.atMs)
        this.columns.push({ ...item.second, atMs: item.atMs, launchNumber: this.launchNumber })
        if (this.columns.length > MOST_COLUMNS) this.columns.shift()
        return
      case 'figures':
        for (const [key, figures] of Object.entries(item.units)) {
          const lane = this.#lanes.get(key)
          if (lane !== undefined && lane.endedAtMs === null) addSecond(lane, figures, item.atMs)
        }
        return
      case 'beats':
        for (const [key, beat] of Object.entries(item.beats)) {
          const lane = this.#lanes.get(key)
          if (lane === undefined) continue
          hearBeat(lane, beat, item.atMs)
          // Only what can be seen again later is told of.
          if (item.kept) this.#mark(newsOfUnit(lane, item.atMs))
        }
        return
      case 'mark':
        this.#mark([{ atMs: item.atMs, level: item.level, text: item.text }])
        return
      case 'objective':
        this.objective = item.text === '' ? null : item
        return
      case 'verdicts':
        this.rounds.push({ atMs: item.atMs, final: item.final, verdicts: item.verdicts })
        if (this.rounds.length > MOST_ROUNDS) this.rounds.shift()
        return
      case 'end':
        this.end = item
        for (const lane of this.#lanes.values()) endLane(lane, item.atMs, true)
        return
    }
  }

  /** Lets time pass in which nothing happened. */
  passUntil(atMs: number): void {
    this.nowMs = Math.max(this.nowMs, atMs)
  }

  #beginLaunch(launch: string): void {
    this.launch = launch
    this.launchNumber += 1
    if (this.#isStepOver) this.stepLabel = ''
  }

  #takeUnits(launch: string, units: readonly TimelineUnit[], atMs: number): void {
    const now = new Set(units.map(({ key }) => key))
    const isAnother = this.#isLaunchOver || launch !== this.launch
    for (const [key, lane] of this.#lanes) {
      if (now.has(key)) continue
      endLane(lane, atMs, lane.draining || units.length === 0 || isAnother)
      if (!isAnother && units.length > 0 && lane.launchNumber === this.launchNumber) this.#mark(newsOfUnit(lane, atMs))
    }
    // Steps tell of the launches of a run that has some.
    const tellsLaunches = this.steps === null
    if (units.length === 0) {
      if (!this.#isLaunchOver && tellsLaunches)
        this.#mark([{ atMs, level: 'info', text: `${launch} is asked to stop` }])
      this.#isStepOver = true
      this.#isLaunchOver = true
      return
    }
    if (isAnother) {
      this.launch = launch
      this.launchNumber += 1
      this.#isLaunchOver = false
    }
    if (isAnother && tellsLaunches) this.#mark([launchMark(launch, units, atMs)])
    for (const unit of units) {
      if (this.#lanes.has(unit.key)) continue
      const { launchNumber } = this
      const before = [...this.#lanes.values()].filter(
        (lane) => lane.launchNumber === launchNumber && lane.unit.name === unit.name,
      )
      const lane = beginLane(unit, { launch, launchNumber, atMs, restarts: before.length })
      this.#lanes.set(unit.key, lane)
      if (!isAnother) this.#mark([arrivalMark(lane, before.at(-1))])
    }
    for (const [key, lane] of this.#lanes) {
      if (this.#lanes.size <= MOST_LANES) break
      if (lane.endedAtMs !== null) this.#lanes.delete(key)
    }
  }

  /** Steps tell of the loads of a run that has some. */
  #tellLoad({ phase, elapsedS }: LoadSecondFigures, atMs: number): void {
    const before = this.columns.at(-1)
    const isAnother = before === undefined || before.phase !== phase || before.elapsedS >= elapsedS
    if (this.steps === null && isAnother) this.#mark([loadMark(phase, atMs)])
  }

  #mark(marks: readonly Mark[]): void {
    this.#told.push(...marks)
    this.marks.push(...marks)
    if (this.marks.length > MOST_MARKS) this.marks.splice(0, this.marks.length - MOST_MARKS)
  }
}
