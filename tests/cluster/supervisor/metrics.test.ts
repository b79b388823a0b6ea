import { expect, test } from 'vitest'
import { parseExposition } from '../../../core/exposition.ts'
import { EXIT_REASONS, RESTART_REASONS } from '../../../cluster/supervisor/events.ts'
import { Arbiter } from '../../../cluster/supervisor/arbiter.ts'
import { supervisorMetrics } from '../../../cluster/supervisor/metrics.ts'
import { readSupervisorSettings } from '../../../cluster/supervisor/settings.ts'

test('the supervisor reports how many workers there are in each state, how many there should be, and who came and went', async () => {
  const arbiter = new Arbiter(readSupervisorSettings({ FORKWISE_WORKERS: '3' }))
  arbiter.handle({ type: 'start' }, 0)
  arbiter.handle({ type: 'ready', id: 1 }, 100)
  arbiter.handle({ type: 'ready', id: 2 }, 100)
  arbiter.handle({ type: 'exit', id: 1, code: null, signal: 'SIGKILL' }, 60_000)
  const samples = parseExposition(await supervisorMetrics(arbiter))
  const reported = Object.fromEntries(
    samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  )
  const zeros = [
    ...RESTART_REASONS.map((reason) => `server_worker_restarts_total ${reason}`),
    ...EXIT_REASONS.map((reason) => `server_worker_exits_total ${reason}`),
  ].map((series) => [series, 0])
  expect(reported).toEqual({
    ...Object.fromEntries(zeros),
    server_workers_desired: 3,
    'server_workers boot': 2,
    'server_workers ready': 1,
    'server_workers draining': 0,
    'server_workers dying': 0,
    'server_worker_restarts_total crash': 1,
    'server_worker_exits_total crash': 1,
  })
})
