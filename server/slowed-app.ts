import type { Express } from 'express'
import { createApp as createPlainApp } from './app.ts'
import { createExecutor } from './executors.ts'
import type { Handler } from './handler.ts'
import { loadHandlers } from './handlers.ts'
import { runToEnd } from './slices.ts'

/**
 * A prime whose test takes a twentieth of the divisions (25,000) that the prime of the workload `cpu` takes (500,000):
 * trial division ends at the square root.
 */
const TWENTIETH_OF_CPU_WORKLOAD = '2500000001'

/**
 * The built-in app, but `/cpu/prime` computes 5 % more for the request of the workload `cpu` before it gives the same
 * answer: a server whose true slow-down is known, for the proof that a comparison finds it.
 */
export async function createApp(): Promise<Express> {
  const handlers = [...(await loadHandlers()).values()].map((handler) =>
    handler.id === 'cpu-prime' ? slowed(handler) : handler,
  )
  const executor = await createExecutor('inline', {
    unitName: '',
    launchDir: null,
    poolSize: 1,
    poolQueue: 1,
    brokerUrl: '',
    appModule: null,
  })
  return createPlainApp({ handlers, executor, surroundings: { upstreamUrl: '', filesDir: '' } })
}

function slowed(handler: Handler): Handler {
  const extra = handler.parse(new URLSearchParams({ n: TWENTIETH_OF_CPU_WORKLOAD }))
  return {
    ...handler,
    async run(input, context) {
      await runToEnd(handler.run(extra, context))
      return runToEnd(handler.run(input, context))
    },
  }
}
