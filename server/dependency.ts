#!/usr/bin/env node
import http from 'node:http'
import { announceReady, leaveWhenAsked } from './departure.ts'
import { listen } from './listen.ts'
import { readSettings } from './settings.ts'
import { Places } from './dependency-places.ts'
import { exitWithStartError } from './start-error.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/** Longest delay that is granted, in ms. */
const MAX_DELAY_MS = 10_000

/** What every answer takes on top of what is asked for, in ms. */
let slowerByMs = 0

const places = new Places()

/** What can be changed while it runs, by the address to PUT. */
const CHANGES: Readonly<Record<string, (value: number) => void>> = {
  '/slower-by?ms': (ms) => {
    slowerByMs = Math.min(MAX_DELAY_MS, ms)
  },
  '/places?n': (n) => places.resize(Math.max(1, n)),
  '/stall?ms': (ms) => places.stall(ms),
}

/**
 * The dependency that `io-upstream` calls: `GET /delay?ms=` answers after that time. `PUT /slower-by?ms=` has every answer
 * take that much longer from then on, `PUT /places?n=` that no more calls are served at once (the others wait), and
 * `PUT /stall?ms=` that none is for that time: for drills in which a dependency is what breaks.
 */
async function main(): Promise<void> {
  const settings = readSettings()
  const listener = await listen(http.createServer(answer), settings)
  leaveWhenAsked(async ({ graceS }) => {
    if (settings.launchDir !== null) removeUnitFile(settings.launchDir, settings.unitName)
    await listener.drain(graceS ?? settings.graceS)
  })
  if (settings.launchDir === null) process.stdout.write(`dependency listens on ${listener.url}\n`)
  else
    writeUnitFile(settings.launchDir, {
      name: settings.unitName,
      role: 'dependency',
      pid: process.pid,
      url: listener.url,
    })
  announceReady()
}

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const [, name = '', value] = /^(\/[a-z-]+\?[a-z]+)=(\d{1,5})$/.exec(request.url ?? '') ?? []
  const change = request.method === 'PUT' ? CHANGES[name] : undefined
  if (change !== undefined) {
    change(Number(value))
    return send(response, 200, '{"changed":true}')
  }
  const match = /^\/delay\?ms=(\d{1,5})$/.exec(request.url ?? '')
  const delayMs = match === null ? Number.NaN : Number(match[1])
  if (delayMs <= MAX_DELAY_MS) {
    const isServed = places.serve(
      delayMs + slowerByMs,
      () => !response.destroyed,
      () => send(response, 200, `{"waitedMs":${delayMs}}`),
    )
    if (!isServed) send(response, 503, '{"error":"Too many calls wait."}')
  } else if (request.url === '/readyz' || request.url === '/healthz') send(response, 200, '{"status":"ready"}')
  else send(response, 400, `{"expected":"GET /delay?ms= with 0 to ${MAX_DELAY_MS}"}`)
}

function send(response: http.ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length })
  response.end(body)
}

main().catch(exitWithStartError)
