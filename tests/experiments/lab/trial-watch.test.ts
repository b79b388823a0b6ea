import { expect, test } from 'vitest'
import type { HostUsage } from '../../../core/records.ts'
import { TrialWatch } from '../../../experiments/lab/trial-watch.ts'
import type { SliceMeter } from '../../../loadtest/host.ts'

test('what is measured is given back, between the two ends of a slice', async () => {
  const order: string[] = []
  const watch = new TrialWatch(hostWith({ foreignCores: 0 }, order), 2, 'threads, repetition 1')
  expect(await watch.during(() => Promise.resolve(order.push('measured')))).toBe(2)
  expect(order).toEqual(['begin', 'measured', 'end'])
  expect(watch.reasons()).toEqual([])
})

test.each<[Partial<HostUsage>, string]>([
  [{ foreignCores: 0.5 }, 'other programs used 25 % of each core (limit 10 %) during threads, repetition 1'],
  [{ stealRatio: 0.05 }, 'the hypervisor took 5 % of the CPU (limit 2 %) during threads, repetition 1'],
  [{ throttled: 3 }, 'the CPU quota throttled the run 3 times during threads, repetition 1'],
])('%o is held against it', async (usage, reason) => {
  const watch = new TrialWatch(hostWith(usage), 2, 'threads, repetition 1')
  await watch.during(() => Promise.resolve())
  expect(watch.reasons()).toEqual([reason])
})

test('what was disturbed and then failed throws what it threw', async () => {
  const watch = new TrialWatch(hostWith({ foreignCores: 2 }), 2, 'threads, repetition 1')
  await expect(watch.during(() => Promise.reject(new Error('It failed.')))).rejects.toThrow('It failed.')
})

function hostWith(usage: Partial<HostUsage>, order: string[] = []): { ownSlice(): Promise<SliceMeter> } {
  const host = {
    wallS: 1,
    foreignCores: 0,
    stealRatio: 0,
    generatorCores: 0,
    dependencyCores: 0,
    throttled: 0,
    ...usage,
  }
  return {
    ownSlice: () =>
      Promise.resolve({
        generatorStarted: () => undefined,
        begin: () => void order.push('begin'),
        end: () => void order.push('end'),
        result: () => Promise.resolve({ server: [], host }),
      }),
  }
}
