#!/usr/bin/env node
import http from 'node:http'
import { announceReady, leaveWhenAsked } from './departure.ts'
import { listen } from './listen.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/** Longest delay that is granted, in ms. */
const MAX_DELAY_MS = 10_000

/** What every answer takes on top of what is asked for, in ms. */
let slowerByMs = 0

/**
 * The dependency that `io-upstream` calls: `GET /delay?ms=` answers after that time. `PUT /slower-by?ms=` has every answer
 * take that much longer from then on, for drills in which a dependency gets slow.
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
  const slower = /^\/slower-by\?ms=(\d{1,5})$/.exec(request.url ?? '')
  if (slower !== null && request.method === 'PUT') {
    slowerByMs = Math.min(MAX_DELAY_MS, Number(slower[1]))
    return send(response, 200, `{"slowerByMs":${slowerByMs}}`)
  }
  const match = /^\/delay\?ms=(\d{1,5})$/.exec(request.url ?? '')
  const delayMs = match === null ? Number.NaN : Number(match[1])
  if (delayMs <= MAX_DELAY_MS) setTimeout(send, delayMs + slowerByMs, response, 200, `{"waitedMs":${delayMs}}`)
  else if (request.url === '/readyz' || request.url === '/healthz') send(response, 200, '{"status":"ready"}')
  else send(response, 400, `{"expected":"GET /delay?ms= with 0 to ${MAX_DELAY_MS}"}`)
}

function send(response: http.ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length })
  response.end(body)
}

main().catch(exitWithStartError)
