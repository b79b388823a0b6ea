import { plainText } from '../core/plain-text.ts'

/** The same complaint is made once in this time; further ones are counted. */
const SAME_AGAIN_MS = 1000

/** One line for each thing that is refused, and one for many of the same, however fast they come. */
export class Complaints {
  readonly #say: (line: string) => void
  readonly #pending = new Map<string, { more: number; readonly timer: NodeJS.Timeout }>()

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Says who was refused and why; after that, only how many more there were for the same reason. */
  refused(who: string, reason: string): void {
    const pending = this.#pending.get(reason)
    if (pending !== undefined) {
      pending.more++
      return
    }
    this.#say(plainText(`refused ${who}: ${reason}`))
    const timer = setTimeout(() => this.#settle(reason), SAME_AGAIN_MS)
    timer.unref()
    this.#pending.set(reason, { more: 0, timer })
  }

  /** Says what was only counted so far. */
  close(): void {
    for (const reason of this.#pending.keys()) this.#settle(reason)
  }

  #settle(reason: string): void {
    const pending = this.#pending.get(reason)
    this.#pending.delete(reason)
    if (pending === undefined) return
    clearTimeout(pending.timer)
    if (pending.more > 0) this.#say(plainText(`refused ${pending.more} more: ${reason}`))
  }
}
