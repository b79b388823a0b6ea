import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import type { EqualityRule } from '../../core/records.ts'
import type { Answer } from '../../loadtest/equality/answers.ts'
import { compareAnswers } from '../../loadtest/equality/equality.ts'
import { HOST, requireExpected, saidText, unanswered } from '../../loadtest/equality/expected.ts'
import { describeNoise, learnNoise, NO_NOISE, parseIgnored, type Noise } from '../../loadtest/equality/noise.ts'
import { preparedWorkload } from '../../loadtest/setup-hook.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'

/** How a model was let into a comparison. */
export interface Admission {
  readonly traits: readonly string[]
  /** Workloads that it is left out of, with the reason. */
  readonly refused: readonly { readonly workload: string; readonly reason: string }[]
}

/** How often the baseline answers each request in its first launch and in its second, and how often another model does. */
const ROUNDS = { first: 5, again: 3, other: 2 } as const

const AS_USUAL: EqualityRule = { level: 'body', ignore: [] }

/**
 * Lets only models into a comparison that answer as the baseline does. What of its answers differs from launch to launch,
 * or from one time to the next, is no difference of the others: the baseline of an app of the user's own is asked several
 * times over two launches, and what varies is left out.
 */
export class EqualityGate {
  readonly #baseline: string
  readonly #rule: EqualityRule
  readonly #workloads: readonly Workload[]
  readonly #isOwnApp: boolean
  #answers: readonly Answer[] | null = null
  #noise: Noise = NO_NOISE
  /** What the model that was asked last answered otherwise than the baseline. */
  #differing: readonly Answer[] = []

  constructor(baseline: string, rule: EqualityRule | undefined, workloads: readonly Workload[], isOwnApp: boolean) {
    this.#baseline = baseline
    this.#rule = rule ?? AS_USUAL
    this.#workloads = workloads
    this.#isOwnApp = isOwnApp
    this.#noise = { ...NO_NOISE, ignored: this.#rule.ignore.map((text) => parseIgnored(text, '--ignore')) }
  }

  /** True when another launch of the baseline is to be asked. */
  wantsAnother({ id, outside }: ServerModel): boolean {
    return this.#isOwnApp && id === this.#baseline && outside === undefined
  }

  /**
   * Asks a model under each workload, and gives its traits and the workloads that it is left out of. Throws TRIAL_FAILED when
   * it answers none of them, or not as it should; the baseline must answer all.
   */
  async admit(model: ServerModel, server: RunningServer, context: TrialContext): Promise<Admission> {
    const baseline = this.#answers
    const rounds = !this.#isOwnApp ? 1 : baseline === null ? ROUNDS.first : ROUNDS.other
    if (baseline === null) {
      this.#learn(await this.#askAll(model, server, rounds, context))
      return { traits: [], refused: [] }
    }
    this.#differing = []
    const traits = new Set<string>()
    const refused: { workload: string; error: ForkwiseError }[] = []
    for (const workload of this.#workloads) {
      try {
        const answers = await this.#ask(workload, model, server, rounds, context)
        for (const trait of this.#compare(baseline, answers, server)) traits.add(trait)
      } catch (thrown) {
        if (!(thrown instanceof ForkwiseError)) throw thrown
        refused.push({ workload: workload.id, error: thrown })
      }
    }
    const [first] = refused
    if (first !== undefined && refused.length === this.#workloads.length) throw together(refused, first.error)
    return { traits: [...traits], refused: refused.map(({ workload, error }) => ({ workload, reason: error.message })) }
  }

  /** Asks another launch of the baseline. Throws TRIAL_FAILED like {@link admit}. */
  async learnMore(model: ServerModel, server: RunningServer, context: TrialContext): Promise<void> {
    const answers = await this.#askAll(model, server, ROUNDS.again, context)
    this.#learn([...(this.#answers ?? []), ...answers])
  }

  /** True when an app of the user's own answered otherwise under the model that was asked last. */
  get foundDifferences(): boolean {
    return this.#isOwnApp && this.#differing.length > 0
  }

  /** True when those answers are no different any more, by what was learnt since. */
  agreesNow(): boolean {
    return compareAnswers(this.#answers ?? [], this.#differing, this.#rule.level, this.#noise).faults.length === 0
  }

  /** What is not compared, in sentences. */
  notes(): string[] {
    const { level, ignore } = this.#rule
    return [
      ...(level === 'body' ? [] : [`Of the answers ${LEVELS[level]} compared, as was asked.`]),
      ...(ignore.length === 0 ? [] : [`The answers are compared without ${ignore.join(', ')}, as was asked.`]),
      ...describeNoise(this.#answers ?? [], this.#noise, this.#baseline),
    ]
  }

  #learn(answers: readonly Answer[]): void {
    this.#answers = answers
    this.#noise = learnNoise(answers, this.#rule.level, this.#noise.ignored)
  }

  /** The traits of answers; throws where they differ from the baseline's. */
  #compare(baseline: readonly Answer[], answers: readonly Answer[], server: RunningServer): readonly string[] {
    const { faults, traits } = compareAnswers(baseline, answers, this.#rule.level, this.#noise)
    if (faults.length === 0) return traits
    this.#differing = [...this.#differing, ...answers]
    throw new ForkwiseError('TRIAL_FAILED', {
      message: `Answers differ from ${this.#baseline}'s: ${faults.join('; ')}.${saidText(server.logTail())}`,
      hint: "Only servers that answer alike can be compared. What may differ can be left out: `--ignore '$.path'`, or `--equal status`.",
    })
  }

  async #askAll(
    model: ServerModel,
    server: RunningServer,
    rounds: number,
    context: TrialContext,
  ): Promise<readonly Answer[]> {
    const answers: Answer[] = []
    for (const workload of this.#workloads) answers.push(...(await this.#ask(workload, model, server, rounds, context)))
    requireExpected(answers, server.logTail())
    return answers
  }

  async #ask(
    workload: Workload,
    { outside }: ServerModel,
    server: RunningServer,
    rounds: number,
    { instrument, settings, signal }: TrialContext,
  ): Promise<readonly Answer[]> {
    const asked = await preparedWorkload(server, workload, signal)
    try {
      const answers = await instrument.answers(server.targets, {
        workloads: [asked],
        timeoutS: settings.timeoutS,
        rounds,
        host: outside === undefined ? HOST : null,
        signal,
      })
      return answers.map((answer) => ({ ...answer, key: `${workload.id} ${answer.key}` }))
    } catch (thrown) {
      signal.throwIfAborted()
      throw unanswered(thrown, server.logTail())
    }
  }
}

const LEVELS: Readonly<Record<EqualityRule['level'], string>> = {
  status: 'the status alone is',
  headers: 'status and headers are',
  body: 'status, type and body are',
  json: 'status, type and the value of JSON bodies are',
}

/** One error for a model that is left out of every workload; each reason is said once. */
function together(refused: readonly { readonly error: ForkwiseError }[], cause: ForkwiseError): ForkwiseError {
  const reasons = [...new Set(refused.map(({ error }) => error.message))]
  const hint = cause.problems[0]?.hint
  return new ForkwiseError(
    'TRIAL_FAILED',
    { message: reasons.join(' '), ...(hint === undefined ? {} : { hint }) },
    { cause },
  )
}
