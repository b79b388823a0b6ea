import type { ConnectionOptions } from 'node:tls'
import { messageOf } from '../core/errors.ts'
import { type Identity, mismatchOf } from './identity.ts'

/** What a controller is, to an agent. */
export interface ControllerSide {
  readonly identity: Identity
  readonly build: string
  readonly signal: AbortSignal
}

/** How a controller connects: it believes nobody but an agent of its own campaign. */
export function tlsOptions({ tls, campaign }: Identity): ConnectionOptions {
  return {
    ...tls,
    rejectUnauthorized: true,
    // An agent is believed for its certificate, which only its campaign can have made, wherever it listens.
    checkServerIdentity: (_, { subject }) => {
      const mismatch = mismatchOf(subject, 'agent', campaign)
      return mismatch === null ? undefined : new Error(mismatch)
    },
  }
}

/** Why a connection to an agent failed, in words that follow "but". */
export function connectionProblem(error: NodeJS.ErrnoException): string {
  const { code = '' } = error
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ECONNRESET') return 'it hung up'
  if (/CERT|SELF_SIGNED|UNABLE_TO_|SIGNATURE/.test(code)) return `its certificate is not of this campaign (${code})`
  return messageOf(error)
}
