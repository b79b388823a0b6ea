import express, { type Express } from 'express'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { leavesLoop, type Executor } from './executor.ts'
import type { Handler, StreamedBody } from './handler.ts'
import { JOB_PATH, sendAccepted, sendJob } from './jobs.ts'
import { problemBody, send, sendError, sendProblem } from './problem.ts'
import { RequestContext, type Surroundings } from './request-context.ts'

/** What the app is made of. */
export interface AppOptions {
  readonly handlers: Iterable<Handler>
  readonly executor: Executor
  readonly surroundings: Surroundings
  /** Whether new requests are welcome: what `/readyz` says. */
  readonly isReady?: () => boolean
}

/** The app under test: an Express app with one route for each handler, `/healthz` and `/readyz`. */
export function createApp({ handlers, executor, surroundings, isReady = () => true }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  for (const handler of handlers) {
    app.get(handler.path, (request, response) => answer(handler, executor, surroundings, request, response))
  }
  if (executor.find) {
    app.get(JOB_PATH, ({ params }, response) => answerJob(executor, params.id, response))
  }
  app.get('/healthz', (_request, response) => send(response, 200, 'application/json', '{"status":"alive"}'))
  app.get('/readyz', (_request, response) => {
    if (isReady()) send(response, 200, 'application/json', '{"status":"ready"}')
    else sendProblem(response, problemBody(503, 'The server is not in service.'))
  })
  app.use((_request, response) => sendProblem(response, problemBody(404, 'There is nothing at this path.')))
  app.use((thrown: unknown, _request: IncomingMessage, response: ServerResponse, _next: () => void) =>
    sendError(response, thrown),
  )
  return app
}

/** Reads the input, has the executor run the handler, sends what comes of it. */
function answer(
  handler: Handler,
  executor: Executor,
  surroundings: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const input = handler.parse(queryOf(request.url ?? ''))
  const context = new RequestContext(surroundings, executor, response)
  if (executor.submit && leavesLoop(handler)) {
    executor.submit(handler, input, context).then(
      (id) => sendAccepted(response, id),
      (thrown: unknown) => sendError(response, thrown),
    )
    return
  }
  executor.run(handler, input, context).then(
    (output) => sendOutput(response, output),
    (thrown: unknown) => sendError(response, thrown),
  )
}

/** Says what has become of a task that was submitted. */
function answerJob(executor: Executor, id: string, response: ServerResponse): void {
  const found = executor.find?.(id) ?? Promise.resolve(null)
  found.then(
    (state) => sendJob(response, id, state, sendOutput),
    (thrown: unknown) => sendError(response, thrown),
  )
}

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}

function sendOutput(response: ServerResponse, output: unknown): void {
  if (isStreamed(output)) stream(response, output)
  else send(response, 200, 'application/json', JSON.stringify(output))
}

function isStreamed(output: unknown): output is StreamedBody {
  return typeof output === 'object' && output !== null && 'stream' in output
}

function stream(response: ServerResponse, body: StreamedBody): void {
  response.writeHead(200, { 'Content-Type': body.contentType, 'Content-Length': body.lengthBytes })
  pipeline(body.stream, response, (error) => {
    if (error) response.destroy()
  })
}
