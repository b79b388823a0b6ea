import type { DrillAct, DrillEnd, DrillStatus, Judgement } from '../../core/drill-record.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import { quoted } from '../../core/quotes.ts'
import type { Drill, Lever, Stage } from './drill.ts'

/** An act without what the run adds to it. */
export type NewAct = DrillAct extends infer A ? (A extends DrillAct ? Omit<A, 'schema' | 'atS'> : never) : never

/** What a trainee does in a drill, from a second terminal, on the page, or a test in code; levers are pulled one at a time. */
export class Desk {
  readonly #drill: Drill
  readonly #stage: Stage & { readonly levers: Map<string, string> }
  readonly #note: (act: NewAct) => void
  readonly #over = new AbortController()
  #pulling: Promise<unknown> = Promise.resolve()
  #hints = 0
  #judgement: Judgement | null = null
  #waiting: (() => void)[] = []
  /** How the trainee ended the drill; null while it goes on. */
  ended: Extract<DrillEnd, 'given-up'> | null = null

  constructor(drill: Drill, stage: Stage & { readonly levers: Map<string, string> }, note: (act: NewAct) => void) {
    this.#drill = drill
    this.#stage = stage
    this.#note = note
    for (const { id, initial } of drill.levers) if (initial !== null) stage.levers.set(id, initial)
  }

  /** Where the drill stands. */
  status(): DrillStatus {
    const { id, title, page, goal, levers } = this.#drill
    return {
      drill: id,
      title,
      page,
      goal: goal.text,
      targets: this.#stage.targets.map(({ href }) => href),
      judgement: this.#judgement,
      levers: levers.map((lever) => ({
        id: lever.id,
        help: lever.help,
        value: valueText(lever),
        now: this.#stage.levers.get(lever.id) ?? null,
      })),
      hintsLeft: this.#drill.hints.length - this.#hints,
    }
  }

  /**
   * Pulls a lever, after those that are being pulled, and resolves when that is in force, with what was done. Throws
   * UNKNOWN_NAME or USAGE, and TRIAL_FAILED when it could not be done.
   */
  pull(id: string, value: string | null): Promise<string> {
    const lever = this.#drill.levers.find((each) => each.id === id)
    if (lever === undefined) {
      const known = this.#drill.levers.map((each) => each.id)
      throw new ForkwiseError('UNKNOWN_NAME', unknownName('a lever of this drill', id, known))
    }
    const word = checkedValue(lever, value)
    const pulled = this.#pulling.then(() => this.#pull(lever, word))
    this.#pulling = pulled.catch(() => undefined)
    return pulled
  }

  /** The next hint; throws USAGE when there is none any more. */
  hint(): { readonly number: number; readonly text: string } {
    const text = this.#drill.hints[this.#hints]
    if (text === undefined) throw new ForkwiseError('USAGE', { message: 'There are no more hints.' })
    const number = ++this.#hints
    this.#note({ kind: 'hint', number })
    return { number, text }
  }

  /** The trainee has seen that something is wrong. */
  acknowledge(): void {
    this.#note({ kind: 'acknowledged' })
  }

  /** Takes the answers to the questions of the diagnosis. Throws USAGE where one is none of the choices. */
  diagnose(answers: Readonly<Record<string, string>>): void {
    for (const [id, answer] of Object.entries(answers)) {
      const question = this.#drill.questions.find((each) => each.id === id)
      if (question?.choices.includes(answer) === true) continue
      throw new ForkwiseError('USAGE', {
        message: `Expected one of the answers to ${quoted(id)}, got ${quoted(answer)}.`,
      })
    }
    this.#note({ kind: 'diagnosed', answers })
  }

  /** Ends the drill without its goal. */
  giveUp(): void {
    this.ended ??= 'given-up'
    this.#wake()
  }

  /** The checker has judged; `null` = the drill is over. */
  judged(judgement: Judgement | null): void {
    if (judgement === null) this.#over.abort()
    else this.#judgement = judgement
    this.#wake()
  }

  /**
   * The first judgement at or after a time (`atS` of the drill), or an earlier one that is what is waited for; the last one
   * when the drill ends before.
   */
  async judgementAfter(
    atS: number,
    isAwaited: (judgement: Judgement) => boolean = () => false,
  ): Promise<Judgement | null> {
    const isHere = (now: Judgement | null): boolean => now !== null && (now.atS >= atS || isAwaited(now))
    while (!this.#over.signal.aborted && !isHere(this.#judgement)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.#judgement
  }

  async #pull(lever: Lever, value: string): Promise<string> {
    const beganMs = performance.now()
    const act = (text: string, done: boolean): void =>
      this.#note({
        kind: 'lever',
        lever: lever.id,
        value: lever.value.kind === 'none' ? null : value,
        text,
        done,
        tookS: (performance.now() - beganMs) / 1000,
      })
    try {
      const text = await lever.pull(this.#stage, value)
      if (lever.value.kind !== 'none') this.#stage.levers.set(lever.id, value)
      act(text, true)
      return text
    } catch (thrown) {
      act(messageOf(thrown), false)
      throw thrown instanceof ForkwiseError
        ? thrown
        : new ForkwiseError('TRIAL_FAILED', { message: `${lever.id} could not be done: ${messageOf(thrown)}` })
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** What may be said with a lever: `1–8 workers`, `inline, cooperative`; empty for nothing. */
export function valueText({ value }: Pick<Lever, 'value'>): string {
  if (value.kind === 'none') return ''
  if (value.kind === 'choice') return value.choices.join(', ')
  if (value.kind === 'text') return value.what
  return `${value.min}–${value.max} ${value.unit}`.trim()
}

function checkedValue(lever: Lever, value: string | null): string {
  const fits = value !== null && isValue(lever, value)
  if (lever.value.kind === 'none' ? value === null : fits) return value ?? ''
  const expected =
    lever.value.kind === 'none' ? 'no value' : `${lever.value.kind === 'text' ? '' : 'one of '}${valueText(lever)}`
  throw new ForkwiseError('USAGE', {
    message: `Expected ${expected} with the lever ${lever.id}, got ${value === null ? 'none' : quoted(value)}.`,
  })
}

function isValue({ value: { ...kind } }: Lever, word: string): boolean {
  if (kind.kind === 'none') return false
  if (kind.kind === 'choice') return kind.choices.includes(word)
  if (kind.kind === 'text') return word.trim() !== ''
  const number = /^\d+(\.\d+)?$/.test(word) ? Number(word) : Number.NaN
  return number >= kind.min && number <= kind.max && (!kind.whole || Number.isInteger(number))
}
