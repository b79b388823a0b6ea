import { expect, test } from 'vitest'
import type { LoadRecord } from '../../../core/load.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { type PreparedLoad, runLoad } from '../../../experiments/load/load.ts'
import type { Instrument } from '../../../loadtest/instrument.ts'
import { madeUpLoad } from '../../loadtest/made-up-load.ts'

const prepared: PreparedLoad = {
  url: new URL('http://server.invalid/orders'),
  request: { route: '/orders', method: 'GET', path: '/orders', weight: 1, expectStatus: 200 },
  load: { kind: 'closed', connections: 10, durationS: 3, timeoutS: 5, seed: 1 },
  agents: null,
}

function driving(drive: Instrument['drive']): Pick<Instrument, 'drive'> {
  return { drive }
}

test('a load reports its length and its live figures, and gives its record', async () => {
  const seen: unknown[] = []
  const instrument = driving(async (targets, workload, load, options) => {
    seen.push([...targets], workload.requests, load)
    options.onProgress?.({ phase: 'counting', elapsedS: 1, ratePerS: 900, failed: 0, p50Ms: 1, p99Ms: 2 })
    return madeUpLoad()
  })
  const run = runLoad(prepared, new AbortController().signal, instrument)
  const events: ExperimentEvent[] = []
  for await (const event of run) events.push(event)
  expect(events).toMatchObject([
    { type: 'run-started', experiment: 'load', dir: null, steps: null, expectedS: 3 },
    { type: 'load', progress: { ratePerS: 900 } },
  ])
  expect(seen).toEqual([[prepared.url], [prepared.request], prepared.load])
  expect(await run).toEqual(madeUpLoad())
})

test('an abort in the middle gives what was counted so far', async () => {
  const stop = new AbortController()
  const instrument = driving(
    (_targets, _workload, _load, options) =>
      new Promise<LoadRecord>((resolve) => {
        options.signal.addEventListener('abort', () => resolve(madeUpLoad({ ok: 7 })))
        options.onProgress?.({ phase: 'counting', elapsedS: 1, ratePerS: 900, failed: 0, p50Ms: 1, p99Ms: 2 })
      }),
  )
  const run = runLoad(prepared, stop.signal, instrument)
  for await (const event of run) if (event.type === 'load') stop.abort()
  expect(await run).toMatchObject({ ok: 7 })
})
