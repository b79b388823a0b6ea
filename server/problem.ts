import { STATUS_CODES, type ServerResponse } from 'node:http'
import { Overloaded } from './overloaded.ts'
import { BadRequest, DependencyFailed } from './handler.ts'

/** Body of an answer that says what went wrong (RFC 9457), its members in this order under every model. */
export interface ProblemBody {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Each problem in a sentence, when the request has several. */
  readonly problems?: readonly string[]
}

/** The problem body of a status. */
export function problemBody(status: number, detail: string, problems?: readonly string[]): ProblemBody {
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail } as const
  return problems === undefined ? body : { ...body, problems }
}

/**
 * Answers a request whose handler threw: 400 for bad input, 503 with Retry-After when the executor is full, 502 when the
 * dependency failed, 504 when it was late, else 500 without the reason. Nothing is sent when the answer has begun or its client is gone.
 */
export function sendError(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  if (thrown instanceof BadRequest) {
    sendProblem(response, problemBody(400, 'The request cannot be understood.', thrown.problems))
  } else if (thrown instanceof Overloaded) {
    response.setHeader('Retry-After', String(Math.max(1, Math.ceil(thrown.retryAfterS))))
    sendProblem(response, problemBody(503, thrown.message))
  } else if (thrown instanceof DependencyFailed) {
    sendProblem(response, problemBody(thrown.status, thrown.message))
  } else {
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`)
    sendProblem(response, problemBody(500, 'The handler failed.'))
  }
}

/** Sends a problem body with its status. */
export function sendProblem(response: ServerResponse, body: ProblemBody): void {
  send(response, body.status, 'application/problem+json', JSON.stringify(body))
}

/** Sends a whole body with its length. */
export function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
