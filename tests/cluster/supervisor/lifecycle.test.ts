import { describe, expect, test } from 'vitest'
import { nextState, WORKER_STATES, type WorkerEvent, type WorkerState } from '../../../cluster/supervisor/lifecycle.ts'

describe('a worker', () => {
  test.each<[string, WorkerState, WorkerEvent, WorkerState]>([
    ['that accepts requests is ready', 'boot', 'ready', 'ready'],
    ['that is asked to leave before it serves has nothing to finish: it is killed', 'boot', 'drain', 'dying'],
    ['that takes too long to start is killed', 'boot', 'kill', 'dying'],
    ['that cannot start is dead', 'boot', 'exit', 'dead'],
    ['that is asked to leave finishes its requests', 'ready', 'drain', 'draining'],
    ['that is stuck is killed', 'ready', 'kill', 'dying'],
    ['that crashes is dead', 'ready', 'exit', 'dead'],
    ['that says it is ready twice stays ready', 'ready', 'ready', 'ready'],
    ['that drains for too long is killed', 'draining', 'kill', 'dying'],
    ['that has finished its requests is dead', 'draining', 'exit', 'dead'],
    ['that drains is not ready any more', 'draining', 'ready', 'draining'],
    ['that is asked to leave twice is asked once', 'draining', 'drain', 'draining'],
    ['that was killed ends', 'dying', 'exit', 'dead'],
    ['that was killed says nothing of meaning', 'dying', 'ready', 'dying'],
    ['that was killed needs no other death', 'dying', 'kill', 'dying'],
    ['that is dead stays so', 'dead', 'ready', 'dead'],
  ])('%s', (_, state, event, expected) => {
    expect(nextState(state, event)).toBe(expected)
  })

  test('never goes back to an earlier state', () => {
    for (const [age, state] of WORKER_STATES.entries()) {
      for (const event of ['ready', 'drain', 'kill', 'exit'] as const) {
        expect(WORKER_STATES.indexOf(nextState(state, event))).toBeGreaterThanOrEqual(age)
      }
    }
  })
})
