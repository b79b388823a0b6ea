import type { Session } from '../../cluster/session.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { LabTrial } from '../../core/lab-record.ts'
import { deriveSeed } from '../../core/random.ts'
import type { LabCase } from './lab.ts'
import type { PreparedLab } from './prepare.ts'
import { runProgram } from './program-run.ts'
import { type OwnHost, TrialWatch } from './trial-watch.ts'

/** One repetition of one case. */
export interface Repetition {
  readonly labCase: LabCase
  /** From 1. */
  readonly repeat: number
}

/** Measures the repetitions of one run, one at a time. */
export class Measuring {
  readonly #prepared: PreparedLab
  readonly #session: Session
  readonly #signal: AbortSignal
  readonly #host: OwnHost
  /** What several cases of a repetition share, by its name, with the watch over it. */
  readonly #shared = new Map<string, { readonly given: Promise<unknown>; readonly watch: TrialWatch }>()

  constructor(prepared: PreparedLab, session: Session, signal: AbortSignal, host: OwnHost) {
    this.#prepared = prepared
    this.#session = session
    this.#signal = signal
    this.#host = host
  }

  /** Measures a repetition; `attempt` counts from 1. Whatever goes wrong in it becomes its failure. */
  async measure({ labCase, repeat }: Repetition, attempt: number): Promise<LabTrial> {
    const { lab, setting, python, manifest } = this.#prepared
    const [session, signal] = [this.#session, this.#signal]
    const trial = { schema: 'forkwise/lab-trial@1', case: labCase.id, repeat } as const
    const place = { session, signal, python: python?.path ?? null }
    const own = new TrialWatch(this.#host, setting.cores, `repetition ${repeat} of “${labCase.name}”`)
    const watches = new Set([own])
    try {
      const {
        figures,
        words = {},
        events = [],
      } = await labCase.measure({
        ...setting,
        repeat,
        seed: deriveSeed(manifest.seed, labCase.id, repeat),
        signal,
        session,
        watch: (measure) => own.during(measure),
        run: (program, argument, options) => own.during(() => runProgram(program, argument, place, options)),
        share: async <T>(name: string, measure: () => Promise<T>) => {
          const key = `${name} ${repeat} ${attempt}`
          const known = this.#shared.get(key)
          if (known !== undefined) {
            watches.add(known.watch)
            return known.given as Promise<T>
          }
          const given = measure()
          this.#shared.set(key, { given, watch: own })
          return given
        },
      })
      const reasons = lab.isTimeless === true ? [] : [...watches].flatMap((watch) => watch.reasons())
      return { ...trial, figures, words, events, failure: null, ...(reasons.length > 0 && { disturbed: reasons }) }
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof ForkwiseError) || thrown.code !== 'TRIAL_FAILED') throw thrown
      return { ...trial, figures: {}, words: {}, events: [], failure: thrown.message }
    }
  }
}
