import { SUPERVISOR_VARIABLES, type SupervisorSettings } from './settings.ts'

/** Type of the message with which whoever started a supervisor changes it while it runs. */
export const CHANGE_MESSAGE = 'forkwise:change'

/** What is to be different about a running server. */
export interface ServerChange {
  /** Settings of the supervisor, valid from now on. */
  readonly supervisor?: Partial<SupervisorSettings>
  /**
   * Variables of the workers that are started from now on, on top of those of the launch; null takes one back. Every
   * worker is replaced for it, one after the other, as in a reload.
   */
  readonly environment?: Readonly<Record<string, string | null>>
}

/** A change on its way to a supervisor. */
export interface ChangeMessage extends ServerChange {
  readonly type: typeof CHANGE_MESSAGE
}

/** The change that a message asks for; null when it is another message, or no change that a supervisor can make. */
export function readChange(message: unknown): ServerChange | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null
  if (message.type !== CHANGE_MESSAGE) return null
  const { supervisor, environment } = message as ChangeMessage
  const settings = Object.entries(supervisor ?? {})
  if (!settings.every(([key, value]) => isValid(key as keyof SupervisorSettings, value))) return null
  return { ...(supervisor === undefined ? {} : { supervisor }), ...(environment === undefined ? {} : { environment }) }
}

function isValid(key: keyof SupervisorSettings, value: number | null): boolean {
  if (!Object.hasOwn(SUPERVISOR_VARIABLES, key)) return false
  const { min, max, whole } = SUPERVISOR_VARIABLES[key]
  if (value === null) return key === 'maxRequests'
  return Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))
}
