import { setTimeout as sleep } from 'node:timers/promises'
import type { DrillAct, DrillEnd, DrillManifest, DrillSecond, Judgement } from '../../core/drill-record.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { deriveSeed, seededRandom } from '../../core/random.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { DrillFolder, type DrillRecording } from '../../store/drill-folder.ts'
import type { Emit } from '../events.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import { trialSettings, withWorld } from '../world.ts'
import { Checker } from './checker.ts'
import { openControl } from './control.ts'
import { Desk, type NewAct } from './desk.ts'
import type { Drill } from './drill.ts'
import type { PreparedDrill } from './prepare.ts'
import { LiveStage } from './stage.ts'

/** The ledger is read and the goal judged so often, in milliseconds. */
const TICK_MS = 1000

/** Longest time without a report of the load generator, in milliseconds: it reports once a second. */
const SILENCE_MS = 10_000

/** The same before its first report: it has to be started, and to plan its arrivals. */
const FIRST_REPORT_MS = 60_000

/** Longest time that figures beside the ledger may take, in milliseconds. */
const FACTS_MS = 3000

/** How much longer than planned the healthy time may last until the goal is met in it, in seconds. */
const SETTLE_S = 90

/** What the run of a drill came to. */
export interface DrillOutcome {
  /** The results folder; null where nothing is kept. */
  readonly dir: string | null
  readonly recording: DrillRecording
  readonly end: DrillEnd
  readonly judgement: Judgement | null
  /** The last judgement before the fault. */
  readonly before: Judgement | null
  /** When the load began, of `performance.now()`: what `atS` counts from. */
  readonly beganMs: number
}

/** How a run of a drill is taken part in from code. */
export interface DrillHooks {
  /** Called once the fault is there: in a proof, what the trainee does. What it throws ends the drill. */
  readonly onFault?: (desk: Desk, faultS: number) => Promise<void>
}

/**
 * Runs a drill until its goal is met, it is given up, its time is over or its goal cannot be checked. Rejects with
 * INTERRUPTED when the signal aborts, START_FAILED when the server cannot be started, or MACHINE_UNFIT when the goal is not
 * even met before the fault; nothing that it started is left then.
 */
export function runDrill(prepared: PreparedDrill, signal: AbortSignal, hooks: DrillHooks = {}): Run<DrillOutcome> {
  return startRecordedRun(async (emit) => {
    const { manifest, drill, dir } = prepared
    const folder = dir === null ? null : DrillFolder.create(dir)
    folder?.writeManifest(manifest)
    const keptIn = folder?.dir ?? null
    emit({ type: 'run-started', experiment: 'drill', id: manifest.id, dir: keptIn, steps: null, expectedS: null })
    const settings = trialSettings({ workers: drill.server.workers, seed: manifest.seed, placement: null })
    const over = new AbortController()
    const untilOver = AbortSignal.any([signal, over.signal])
    try {
      return await withWorld(settings, { signal, emit }, async (context) => {
        const play = new Play(prepared, folder, emit, hooks)
        return play.run({ ...context, signal: untilOver }, over)
      })
    } catch (thrown) {
      if (!signal.aborted) throw thrown
      const kept = keptIn === null ? '' : ` What happened until then is kept in ${keptIn}.`
      throw new ForkwiseError('INTERRUPTED', { message: `Interrupted.${kept}` }, { cause: thrown })
    }
  })
}

/** One run of a drill. */
class Play {
  readonly #drill: Drill
  readonly #manifest: DrillManifest
  readonly #folder: DrillFolder | null
  readonly #emit: Emit
  readonly #hooks: DrillHooks
  readonly #seconds: DrillSecond[] = []
  readonly #acts: DrillAct[] = []
  readonly #checker: Checker
  #beganMs = 0
  #ticks = 0
  #factsTrouble: string | null = null
  #faultTrouble: string | null = null

  constructor({ drill, manifest }: PreparedDrill, folder: DrillFolder | null, emit: Emit, hooks: DrillHooks) {
    this.#drill = drill
    this.#manifest = manifest
    this.#folder = folder
    this.#emit = emit
    this.#hooks = hooks
    this.#checker = new Checker(drill.goal, manifest.pace.windowS)
  }

  async run(context: TrialContext, over: AbortController): Promise<DrillOutcome> {
    const drill = this.#drill
    context.observation.phase('starting')
    const stage = await LiveStage.open(drill.server, context, {
      seed: this.#manifest.seed,
      onStrike: (text) => this.#note({ kind: 'strike', text }),
    })
    const desk = new Desk(drill, stage, (act) => this.#note(act))
    const control = await openControl(context.session.dir, { drill: drill.id, id: this.#manifest.id }, desk)
    const played: Promise<void>[] = []
    let endPrepared: (() => Promise<void>) | null = null
    try {
      endPrepared = (await drill.prepare?.(stage)) ?? null
      this.#beganMs = performance.now()
      for (const load of drill.loads) stage.drive(load)
      context.observation.phase('healthy')
      this.#note({ kind: 'healthy' })
      this.#emit({ type: 'drill-ready', status: desk.status() })
      const before = await this.#untilHealthy(stage, desk, context.signal)
      const fault = this.#beginFault(stage, context.signal)
      played.push(fault)
      const { atS: faultS } = this.#note({ kind: 'fault', text: drill.fault.text })
      const trainee = this.#hooks.onFault?.(desk, faultS) ?? null
      if (trainee !== null) played.push(trainee)
      const { how, reason, judgement } = await this.#untilOver(stage, desk, faultS, trainee, context.signal)
      this.#note({ kind: 'over', how, reason })
      const recording = { manifest: this.#manifest, seconds: this.#seconds, acts: this.#acts, references: null }
      return { dir: this.#folder?.dir ?? null, recording, end: how, judgement, before, beganMs: this.#beganMs }
    } finally {
      desk.judged(null)
      over.abort()
      control.close()
      context.observation.phase('stopping')
      await Promise.allSettled(played)
      await endPrepared?.()
      await stage.close()
    }
  }

  /** The healthy time: over when it has lasted as long as it should, and the goal is met. Gives the last judgement. */
  async #untilHealthy(stage: LiveStage, desk: Desk, signal: AbortSignal): Promise<Judgement> {
    const { healthyS, hiddenS, windowS } = this.#manifest.pace
    const random = seededRandom(deriveSeed(this.#manifest.seed, 'fault'))
    const hiddenFor = healthyS + hiddenS * random()
    for (;;) {
      const judgement = await this.#tick(stage, desk, Math.min(0, healthyS - windowS), signal)
      if (judgement.atS >= hiddenFor && judgement.outcome === 'solved') return judgement
      if (judgement.outcome === 'checker-failed') throw cannotCheck(judgement.reason)
      if (desk.ended !== null)
        throw new ForkwiseError('INTERRUPTED', { message: 'Given up before anything was wrong.' })
      if (judgement.atS > hiddenFor + windowS + SETTLE_S) throw notEvenHealthy(judgement)
    }
  }

  async #beginFault(stage: LiveStage, signal: AbortSignal): Promise<void> {
    try {
      await this.#drill.fault.run(stage)
    } catch (thrown) {
      if (!signal.aborted) this.#faultTrouble = `the fault could not be kept up: ${messageOf(thrown)}`
    }
  }

  async #untilOver(
    stage: LiveStage,
    desk: Desk,
    faultS: number,
    trainee: Promise<void> | null,
    signal: AbortSignal,
  ): Promise<{ how: DrillEnd; reason: string | null; judgement: Judgement }> {
    let failed: { readonly thrown: unknown } | null = null
    trainee?.catch((thrown: unknown) => (failed = { thrown }))
    for (;;) {
      const judgement = await this.#tick(stage, desk, faultS, signal)
      if (failed !== null) throw (failed as { readonly thrown: unknown }).thrown
      if (judgement.outcome === 'checker-failed') return { how: judgement.outcome, reason: judgement.reason, judgement }
      if (judgement.outcome === 'solved') return { how: 'solved', reason: null, judgement }
      if (desk.ended !== null) return { how: desk.ended, reason: null, judgement }
      if (judgement.atS - faultS > this.#manifest.pace.limitS) return { how: 'time-over', reason: null, judgement }
    }
  }

  /** Waits for the next second, keeps it, and judges. */
  async #tick(stage: LiveStage, desk: Desk, sinceS: number, signal: AbortSignal): Promise<Judgement> {
    // A timer may fire a moment early: the same second does not come twice.
    this.#ticks = Math.max(this.#ticks, Math.floor(this.#elapsedMs / TICK_MS)) + 1
    await sleep(Math.max(0, this.#beganMs + TICK_MS * this.#ticks - performance.now()), undefined, { signal })
    const facts = await this.#facts(stage)
    const atS = this.#elapsedMs / 1000
    const { ledger, asked } = stage.clients.take()
    const second: DrillSecond = {
      schema: 'forkwise/drill-second@1',
      atS,
      ...ledger,
      asked,
      facts: { ...facts, strikes: stage.takeStrikes() },
    }
    this.#seconds.push(second)
    this.#folder?.appendSecond(second)
    this.#checker.add(second)
    const judgement = this.#checker.judge(atS, { sinceS, trouble: this.#troubleOf(stage) })
    desk.judged(judgement)
    this.#emit({ type: 'drill-judged', judgement })
    return judgement
  }

  #troubleOf(stage: LiveStage): string | null {
    const { heardMs } = stage.clients
    const silentMs = performance.now() - (heardMs ?? this.#beganMs)
    const silence =
      silentMs > (heardMs === null ? FIRST_REPORT_MS : SILENCE_MS)
        ? `the load generator has not reported for ${Math.round(silentMs / 1000)} s`
        : null
    return stage.trouble ?? this.#faultTrouble ?? silence ?? this.#factsTrouble
  }

  async #facts(stage: LiveStage): Promise<Readonly<Record<string, number>>> {
    const { goal } = this.#drill
    if (goal.facts === undefined || !stage.isUp) return {}
    const late = new AbortController()
    try {
      const found = await Promise.race([goal.facts(stage), sleep(FACTS_MS, null, { signal: late.signal })])
      this.#factsTrouble = found === null ? `the figures of the goal did not come within ${FACTS_MS / 1000} s` : null
      return found ?? {}
    } catch (thrown) {
      this.#factsTrouble = `the figures of the goal cannot be had: ${messageOf(thrown)}`
      return {}
    } finally {
      late.abort()
    }
  }

  get #elapsedMs(): number {
    return performance.now() - this.#beganMs
  }

  #note(act: NewAct): DrillAct {
    const noted = { schema: 'forkwise/drill-act@1', atS: this.#elapsedMs / 1000, ...act } as DrillAct
    this.#acts.push(noted)
    this.#folder?.appendAct(noted)
    const hidden = noted.kind === 'fault' || noted.kind === 'strike'
    if (!hidden || this.#manifest.revealed) this.#emit({ type: 'drill-act', act: noted })
    return noted
  }
}

function cannotCheck(reason: string): ForkwiseError {
  return new ForkwiseError('TRIAL_FAILED', {
    message: `The goal could not be checked, before anything was broken: ${reason}.`,
    hint: 'This says nothing about you. Begin the drill again.',
  })
}

function notEvenHealthy(judgement: Judgement): ForkwiseError {
  const missed = judgement.outcome === 'not-yet' ? judgement.clauses.filter(({ met }) => !met) : []
  const found = missed.map(({ text, measured }) => `${text} (${measured})`).join('; ')
  return new ForkwiseError('MACHINE_UNFIT', {
    message: `Expected the goal of the drill to be met while nothing is broken, got: ${found}.`,
    hint: 'Other programs use the machine, or it is too slow for this drill: `npx forkwise doctor` says more.',
  })
}
