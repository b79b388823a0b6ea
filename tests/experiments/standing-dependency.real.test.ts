import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isAlive, readProcess } from '../../cluster/proc.ts'
import { openSession } from '../../cluster/session.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { StandingDependency } from '../../experiments/standing-dependency.ts'

test('a dependency that is killed is named, replaced at a new address, and ends with its session', async () => {
  const session = await openSession()
  const events: ExperimentEvent[] = []
  const signal = new AbortController().signal
  try {
    const dependency = await StandingDependency.start(session, { signal }, (event) => void events.push(event))
    const [first = 0] = dependency.pids
    const sinceMs = performance.now()
    expect((await fetch(`${dependency.url}/?ms=1`)).status).toBeLessThan(500)
    expect(dependency.trouble(0)).toEqual([])
    process.kill(first, 'SIGKILL')
    while (dependency.trouble(sinceMs).length === 0) await sleep(20)
    await dependency.ready()
    expect(dependency.trouble(sinceMs)).toEqual([expect.stringMatching(/^the dependency process .*SIGKILL/)])
    expect(dependency.trouble(performance.now())).toEqual([])
    expect(events).toMatchObject([{ type: 'part-died', part: 'dependency', restarted: true }])
    expect(dependency.pids).toHaveLength(2)
    expect((await fetch(`${dependency.url}/?ms=1`)).status).toBeLessThan(500)
    await dependency.close()
    expect(events).toHaveLength(1)
    const alive = dependency.pids.map((pid) => readProcess(pid)).filter((entry) => entry !== null && isAlive(entry))
    expect(alive).toEqual([])
  } finally {
    await session.close()
  }
})
