import { describe, expect, test } from 'vitest'
import { DependencyGuard, type DependencyPolicy, UNGUARDED } from '../../server/dependency-guard.ts'
import { Overloaded } from '../../server/overloaded.ts'

function guardOf(policy: Partial<DependencyPolicy>): { guard: DependencyGuard; clock: { nowS: number } } {
  const clock = { nowS: 100 }
  return { guard: new DependencyGuard({ ...UNGUARDED, ...policy }, () => clock.nowS), clock }
}

const fail = (): Promise<never> => Promise.reject(new Error('it failed'))
const answer = (): Promise<string> => Promise.resolve('here')

test('without a policy every call is made', async () => {
  const { guard } = guardOf({})
  for (let call = 0; call < 50; call++) await expect(guard.run(fail)).rejects.toThrow('it failed')
  await expect(guard.run(answer)).resolves.toBe('here')
})

test('a bulkhead refuses what is more than its calls at once, and no more than that', async () => {
  const { guard } = guardOf({ mostCalls: 2 })
  const ends: (() => void)[] = []
  const open = (): Promise<void> => guard.run(() => new Promise<void>((resolve) => ends.push(resolve)))
  const calls = [open(), open()]
  await expect(guard.run(answer)).rejects.toBeInstanceOf(Overloaded)
  ends.forEach((end) => end())
  await Promise.all(calls)
  await expect(guard.run(answer)).resolves.toBe('here')
})

describe('a circuit breaker', () => {
  test('opens after failures in a row, and lets one call through when its time is over', async () => {
    const { guard, clock } = guardOf({ breakerFailures: 3, breakerOpenS: 5 })
    await expect(guard.run(fail)).rejects.toThrow('it failed')
    await expect(guard.run(fail)).rejects.toThrow('it failed')
    await guard.run(answer)
    for (let call = 0; call < 3; call++) await expect(guard.run(fail)).rejects.toThrow('it failed')
    await expect(guard.run(answer)).rejects.toMatchObject({ retryAfterS: 5 })
    clock.nowS += 5
    await expect(guard.run(fail)).rejects.toThrow('it failed')
    await expect(guard.run(answer)).rejects.toBeInstanceOf(Overloaded)
    clock.nowS += 5
    await expect(guard.run(answer)).resolves.toBe('here')
    await expect(guard.run(answer)).resolves.toBe('here')
  })

  test('while one call finds out, the others are refused', async () => {
    const { guard, clock } = guardOf({ breakerFailures: 1, breakerOpenS: 5 })
    await expect(guard.run(fail)).rejects.toThrow('it failed')
    clock.nowS += 5
    let end = (): void => undefined
    const probe = guard.run(() => new Promise<void>((resolve) => (end = resolve)))
    await expect(guard.run(answer)).rejects.toBeInstanceOf(Overloaded)
    end()
    await probe
    await expect(guard.run(answer)).resolves.toBe('here')
  })

  test('counts an answer that was slow as a failure', async () => {
    const { guard, clock } = guardOf({ breakerFailures: 1, slowMs: 500 })
    await guard.run(() => {
      clock.nowS += 0.6
      return answer()
    })
    await expect(guard.run(answer)).rejects.toBeInstanceOf(Overloaded)
  })
})
