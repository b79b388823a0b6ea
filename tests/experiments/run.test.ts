import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { Emit, ExperimentEvent } from '../../experiments/events.ts'
import { EventRing, startRun } from '../../experiments/run.ts'

const step = (number: number): ExperimentEvent => ({ type: 'step-started', label: String(number) })
const load = (ratePerS: number): ExperimentEvent => ({
  type: 'load',
  progress: { phase: 'counting', elapsedS: 1, ratePerS, failed: 0, p50Ms: null, p99Ms: null },
})

async function labelsOf(events: AsyncIterable<ExperimentEvent>): Promise<string[]> {
  const labels: string[] = []
  for await (const event of events) {
    labels.push(
      event.type === 'step-started' ? event.label : event.type === 'load' ? `load ${event.progress.ratePerS}` : '',
    )
  }
  return labels
}

describe('a run', () => {
  test('gives its result where it is awaited, and every event to each of several readers', async () => {
    const run = startRun(async (emit) => {
      for (let i = 0; i < 5; i++) {
        emit(step(i))
        await turn()
      }
      return 'result'
    })
    const [first, second, result] = await Promise.all([labelsOf(run), labelsOf(run), run])
    expect(first).toEqual(['0', '1', '2', '3', '4'])
    expect(second).toEqual(first)
    expect(result).toBe('result')
    expect(await labelsOf(run)).toEqual(first)
  })

  test('goes on when a reader leaves its loop', async () => {
    const run = startRun(async (emit) => {
      emit(step(1))
      await turn()
      emit(step(2))
      return 'finished'
    })
    for await (const event of run) {
      expect(event).toEqual(step(1))
      break
    }
    expect(await run).toBe('finished')
  })

  test('that fails rejects where it is awaited and throws after the last event in every loop', async () => {
    const run = startRun(async (emit) => {
      emit(step(1))
      throw new Error('no machine')
    })
    const seen: ExperimentEvent[] = []
    await expect(
      (async () => {
        for await (const event of run) seen.push(event)
      })(),
    ).rejects.toThrow('no machine')
    expect(seen).toEqual([step(1)])
    await expect(run).rejects.toThrow('no machine')
  })

  test('that fails unseen is an unhandled rejection', async () => {
    const unhandled = vi.fn()
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', unhandled)
    try {
      const error = new Error('nobody listens')
      startRun(async () => {
        throw error
      })
      await turn()
      await turn()
      expect(unhandled).toHaveBeenCalledTimes(1)
      expect(unhandled.mock.calls[0]?.[0]).toBe(error)
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const listener of others) process.on('unhandledRejection', listener)
    }
  })

  test('never waits for a reader that sleeps', async () => {
    let emitted = 0
    let wake: () => void = () => undefined
    const asleep = new Promise<void>((resolve) => (wake = resolve))
    const run = startRun(async (emit: Emit) => {
      for (let i = 0; i < 1000; i++) {
        emit(step(i))
        emitted += 1
        await turn()
      }
    })
    const reader = (async () => {
      let read = 0
      for await (const _ of run) {
        read += 1
        await asleep
      }
      return read
    })()
    await run
    expect(emitted).toBe(1000)
    wake()
    expect(await reader).toBe(1000)
  })
})

describe('the ring of events', () => {
  test('keeps the newest events for a reader that comes late', async () => {
    const ring = new EventRing(3)
    for (let i = 0; i < 10; i++) ring.push(step(i))
    ring.end()
    expect(await labelsOf(ring.read())).toEqual(['7', '8', '9'])
  })

  test('a reader that falls behind misses the oldest events and goes on in order', async () => {
    const ring = new EventRing(3)
    ring.push(step(0))
    const reader = ring.read()
    expect((await reader.next()).value).toEqual(step(0))
    for (let i = 1; i < 10; i++) ring.push(step(i))
    ring.end()
    expect(await labelsOf(reader)).toEqual(['7', '8', '9'])
  })

  test('gives only the newest figures of a load, in their place among the other events', async () => {
    const ring = new EventRing(8)
    ring.push(step(0))
    ring.push(load(1))
    ring.push(load(2))
    ring.push(step(1))
    ring.end()
    expect(await labelsOf(ring.read())).toEqual(['0', 'load 2', '1'])
  })

  test('holds the same memory after any number of events', () => {
    const ring = new EventRing(4)
    for (let i = 0; i < 100_000; i++) {
      ring.push(step(i))
      ring.push(load(i))
    }
    expect(ring.size).toBeLessThanOrEqual(5)
  })
})
