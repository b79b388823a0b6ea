import type { WorkloadRequest } from '../../core/load.ts'

/** A body as requests keep it, and the type that goes with it where nothing else is said. */
export interface ResolvedBody {
  readonly kept: Pick<WorkloadRequest, 'body' | 'bodyEncoding'>
  readonly contentType: string | null
}

/** A body as it was given: text and bytes go out as they are (bytes that are no text are kept as base64), the rest as JSON. */
export function resolveBody(body: unknown): ResolvedBody {
  if (body === undefined) return { kept: {}, contentType: null }
  if (typeof body === 'string') return { kept: { body }, contentType: null }
  if (!(body instanceof Uint8Array)) return { kept: { body: JSON.stringify(body) }, contentType: 'application/json' }
  const bytes = Buffer.from(body)
  const text = bytes.toString()
  const isText = Buffer.from(text).equals(bytes)
  return {
    kept: isText ? { body: text } : { body: bytes.toString('base64'), bodyEncoding: 'base64' },
    contentType: null,
  }
}
