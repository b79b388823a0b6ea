#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { monotonicS } from './clock.ts'
import { loadHandlers } from './handlers.ts'
import { hereContext } from './here-context.ts'
import { runToEnd } from './slices.ts'

/** Share of the time that is spent before counting, so that the compiler has done its work. */
const WARMUP_SHARE = 0.2

const USAGE = 'Usage: bare.js PATH-WITH-QUERY SECONDS, e.g. bare.js "/cpu/prime?n=1000000000039" 2'

/**
 * Calls the handler of a path again and again in one process, without HTTP or any executor: what the machine could do
 * if serving cost nothing. Prints `{"callsPerS":…,"calls":…,"seconds":…}`. Exits with 2 on a wrong path or time.
 */
async function main(): Promise<number> {
  const [path = '', seconds = ''] = process.argv.slice(2)
  const durationS = Number(seconds)
  const { pathname, searchParams } = new URL(path, 'http://localhost')
  const handler = [...(await loadHandlers()).values()].find((candidate) => candidate.path === pathname)
  if (handler === undefined || !(durationS > 0 && durationS <= 600)) {
    process.stderr.write(`${handler === undefined ? `No handler answers "${pathname}". ` : ''}${USAGE}\n`)
    return 2
  }
  const filesDir = mkdtempSync(join(os.tmpdir(), 'forkwise-files-'))
  process.on('exit', () => rmSync(filesDir, { recursive: true, force: true }))
  const context = hereContext({ filesDir, upstreamUrl: process.env['FORKWISE_UPSTREAM'] ?? '' })
  const input = handler.parse(searchParams)
  const call = (): unknown => runToEnd(handler.run(input, context))
  await callFor(call, durationS * WARMUP_SHARE)
  process.stdout.write(`${JSON.stringify(await callFor(call, durationS * (1 - WARMUP_SHARE)))}\n`)
  return 0
}

async function callFor(
  call: () => unknown,
  durationS: number,
): Promise<{ callsPerS: number; calls: number; seconds: number }> {
  const startedS = monotonicS()
  let calls = 0
  let seconds = 0
  while (seconds < durationS) {
    const output = call()
    if (output instanceof Promise) await output
    calls++
    seconds = monotonicS() - startedS
  }
  return { callsPerS: calls / seconds, calls, seconds }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
