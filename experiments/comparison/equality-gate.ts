import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import type { EqualityRule } from '../../core/records.ts'
import type { Answer } from '../../loadtest/equality/answers.ts'
import { compareAnswers, unexpectedStatuses } from '../../loadtest/equality/equality.ts'
import { describeNoise, learnNoise, NO_NOISE, parseIgnored, type Noise } from '../../loadtest/equality/noise.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'

/** How often the baseline answers each request in its first launch and in its second, and how often another model does. */
const ROUNDS = { first: 5, again: 3, other: 2 } as const

/** What every launch is told as the `Host`: links that an app makes of it are the same on any port. */
const HOST = 'localhost'

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

  /** Asks a model, and gives its traits. Throws TRIAL_FAILED when it does not answer, or not as it should. */
  async admit(model: ServerModel, server: RunningServer, context: TrialContext): Promise<readonly string[]> {
    const isFirst = this.#answers === null
    const rounds = !this.#isOwnApp ? 1 : isFirst ? ROUNDS.first : ROUNDS.other
    const answers = await this.#ask(model, server, rounds, context)
    if (this.#answers === null) {
      requireExpected(answers, server)
      this.#learn(answers)
      return []
    }
    const { faults, traits } = compareAnswers(this.#answers, answers, this.#rule.level, this.#noise)
    if (faults.length === 0) return traits
    throw new ForkwiseError('TRIAL_FAILED', {
      message: `Answers differ from ${this.#baseline}'s: ${faults.join('; ')}.${saidBy(server)}`,
      hint: "Only servers that answer alike can be compared. What may differ can be left out: `--ignore '$.path'`, or `--equal status`.",
    })
  }

  /** Asks another launch of the baseline. Throws TRIAL_FAILED like {@link admit}. */
  async learnMore(model: ServerModel, server: RunningServer, context: TrialContext): Promise<void> {
    const answers = await this.#ask(model, server, ROUNDS.again, context)
    requireExpected(answers, server)
    this.#learn([...(this.#answers ?? []), ...answers])
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

  async #ask(
    { outside }: ServerModel,
    server: RunningServer,
    rounds: number,
    { instrument, settings, signal }: TrialContext,
  ): Promise<readonly Answer[]> {
    try {
      return await instrument.answers(server.targets, {
        workloads: this.#workloads,
        timeoutS: settings.timeoutS,
        rounds,
        host: outside === undefined ? HOST : null,
        signal,
      })
    } catch (thrown) {
      signal.throwIfAborted()
      throw new ForkwiseError(
        'TRIAL_FAILED',
        {
          message: `It did not answer: ${messageOf(thrown)}.${saidBy(server)}`,
          hint: 'Every request of the workload must be answered before anything is measured.',
        },
        { cause: thrown },
      )
    }
  }
}

const LEVELS: Readonly<Record<EqualityRule['level'], string>> = {
  status: 'the status alone is',
  headers: 'status and headers are',
  body: 'status, type and body are',
  json: 'status, type and the value of JSON bodies are',
}

function requireExpected(answers: readonly Answer[], server: RunningServer): void {
  const wrong = unexpectedStatuses(answers)
  if (wrong.length === 0) return
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Unexpected answers: ${wrong.join('; ')}.${saidBy(server)}`,
    hint: 'Each request must be answered with the status that its workload expects before anything is measured.',
  })
}

/** The end of a server's log as a paragraph of its own; empty when it has said nothing. */
function saidBy(server: RunningServer): string {
  const tail = server.logTail()
  return tail === '' ? '' : `\nThe end of its logs:\n${tail}`
}
