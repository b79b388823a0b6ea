/** How a key is derived, as it travels to a thread. */
export interface KeySettings {
  readonly rounds: number
  readonly bytes: number
  readonly digest: string
}

/** What keys are derived from: always the same, so that every answer is known. */
export const PASSWORD = 'forkwise'

/** The salt of every key. */
export const SALT = 'a fixed salt'
