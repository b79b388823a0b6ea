import { costsOver, incidentOf } from '../../analysis/drill/score.ts'
import type { DrillPace, DrillReferences, Judgement } from '../../core/drill-record.ts'
import type { Desk } from './desk.ts'
import type { Drill, LeverPull } from './drill.ts'
import { manifestOf, paceOf, requireDrill } from './prepare.ts'
import { type DrillHooks, type DrillOutcome, runDrill } from './run.ts'

/** Seconds after the fault that a proof may take; a busy machine takes long to replace workers, and this only ends what hangs. */
const LIMIT_S = 240

/** Longest time for which nothing is done in a recording of the references, in seconds. */
const LONGEST_IDLE_S = 60

/** What the checker of a drill said in its proof. */
export interface DrillProof {
  /** Is to be `solved`: nothing is broken yet. */
  readonly before: Judgement | null
  /** To be `not-yet`, by a clause of the goal, at the latest a window after the fault began; nothing was done. */
  readonly during: Judgement | null
  /** To be `not-yet`: a window after the typical wrong turn. */
  readonly afterWrongTurn: Judgement | null
  /** To be `solved`. */
  readonly afterReference: Judgement | null
  /** To be `solved`, in a run of its own. */
  readonly afterOther: Judgement | null
}

/** How a drill is proved. */
export interface ProofOptions {
  readonly seed: number
  /**
   * The run of the other fix goes on beside the first one instead of after it: for drills that mostly wait, which two cores
   * have time for twice.
   */
  readonly sideBySide: boolean
  readonly signal: AbortSignal
}

/** Plays a drill in shortened time, and gives what its checker said at each point of the proof. */
export async function proveDrill(drill: Drill, { seed, sideBySide, signal }: ProofOptions): Promise<DrillProof> {
  await requireDrill(drill)
  const { windowS } = paceOf(drill, true)
  const { reference, other, wrongTurn } = drill.debrief
  let during: Judgement | null = null
  let afterWrongTurn: Judgement | null = null
  const first = playDrill(drill, seed, signal, async (desk, faultS) => {
    during = await desk.judgementAfter(
      faultS + windowS + 1,
      (judgement) => judgement.atS > faultS && missedClauses(judgement).length > 0,
    )
    await pullAll(desk, wrongTurn.pulls)
    afterWrongTurn = await desk.judgementAfter(now(desk) + windowS + 1)
    await pullAll(desk, reference.pulls)
  })
  const playOther = async (): Promise<DrillOutcome> =>
    playDrill(drill, seed + 1, signal, async (desk) => pullAll(desk, other.pulls), { healthyS: 1 })
  const [one, two] = await Promise.all([first, sideBySide ? playOther() : first.then(playOther)])
  return { before: one.before, during, afterWrongTurn, afterReference: one.judgement, afterOther: two.judgement }
}

/**
 * Records what doing nothing, and the reference fix, cost on this machine in an incident of `lengthS` seconds: nothing is
 * done for as long, a minute at most, and then the fix is made.
 */
export async function recordReferences(
  drill: Drill,
  { seed, lengthS }: { readonly seed: number; readonly lengthS: number },
  signal: AbortSignal,
): Promise<DrillReferences> {
  const { windowS } = paceOf(drill, true)
  let fixedS = Infinity
  const { recording } = await playDrill(drill, seed, signal, async (desk, faultS) => {
    await desk.judgementAfter(faultS + idleS(drill, lengthS))
    fixedS = now(desk)
    await pullAll(desk, drill.debrief.reference.pulls)
  })
  const incident = incidentOf(recording)
  const idle = incident.filter(({ atS }) => atS <= fixedS)
  const fixed = incident.filter(({ atS }) => atS > fixedS)
  return {
    schema: 'forkwise/drill-references@1',
    nothing: costsOver(idle, drill.late, { lengthS, tailS: idle.length }),
    fix: costsOver(fixed, drill.late, { lengthS, tailS: windowS }),
    playedS: { nothing: Math.min(idle.length, lengthS), fix: Math.min(fixed.length, lengthS) },
  }
}

/** Seconds for which nothing is done about the fault when the references of an incident of this length are recorded. */
export function idleS(drill: Drill, lengthS: number): number {
  return Math.min(LONGEST_IDLE_S, Math.max(paceOf(drill, true).windowS, lengthS))
}

/** Plays a drill in shortened time; what is done about the fault is `onFault`. Nothing is kept. */
export async function playDrill(
  drill: Drill,
  seed: number,
  signal: AbortSignal,
  onFault: NonNullable<DrillHooks['onFault']>,
  changes: Partial<DrillPace> = {},
): Promise<DrillOutcome> {
  const fast = paceOf(drill, true)
  const pace: DrillPace = {
    ...fast,
    healthyS: fast.windowS,
    hiddenS: 0,
    limitS: LIMIT_S,
    ...changes,
  }
  return runDrill({ drill, manifest: manifestOf(drill, { seed, pace, revealed: true }), dir: null }, signal, {
    onFault,
  })
}

/**
 * The clauses that a judgement misses, by id: what users get, not that too little of the window is over, nor that the fault
 * has not yet done anything in it.
 */
export function missedClauses(judgement: Judgement): readonly string[] {
  if (judgement.outcome !== 'not-yet') return []
  return judgement.clauses.filter(({ id, met }) => !met && id !== 'window' && id !== 'strikes').map(({ id }) => id)
}

async function pullAll(desk: Desk, pulls: readonly LeverPull[]): Promise<void> {
  for (const { lever, value } of pulls) await desk.pull(lever, value ?? null)
}

function now(desk: Desk): number {
  return desk.status().judgement?.atS ?? 0
}
