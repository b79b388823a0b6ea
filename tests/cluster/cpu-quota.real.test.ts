import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CpuQuota, keepUnder, lacksCpuQuota, quotaGroups } from '../../cluster/cpu-quota.ts'
import { openSession, type Session } from '../../cluster/session.ts'

// What the user of a machine may not do can be installed by nobody, and is skipped by name also where every part is required.
const lack = lacksCpuQuota()
const quotaTest = (name: string, run: () => Promise<void>): void => {
  test.skipIf(lack !== null)(lack === null ? name : `${name} [needs control groups that may be written into]`, run)
}

let stateRoot = ''
let session: Session
const children: ChildProcess[] = []
beforeEach(async () => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot })
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await session.close()
  rmSync(stateRoot, { recursive: true, force: true })
})

/** A process that computes until it is killed. */
function burn(): number {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
  children.push(child)
  return child.pid ?? 0
}

const ours = (): readonly string[] => quotaGroups().filter((name) => name.includes(session.id))

quotaTest('who uses up a quota stands still until the period is over, and without a limit goes on', async () => {
  const quota = CpuQuota.create(session)
  expect(quota.throttling()).toEqual({ periods: 0, throttled: 0 })
  quota.limit(0.05)
  const pid = burn()
  await expect.poll(() => (quota.hold([pid]), quota.throttling().throttled)).toBeGreaterThan(3)
  quota.limit(null)
  const { throttled } = quota.throttling()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(quota.throttling().throttled - throttled).toBeLessThan(3)
})

quotaTest('a server is kept under it, whichever processes it has; its end ends the limit and not them', async () => {
  const quota = CpuQuota.create(session)
  quota.limit(0.05)
  let processes: { pid: number }[] = []
  const over = new AbortController()
  const kept = keepUnder(quota, () => ({ usage: () => Promise.resolve(processes as never) }), over.signal)
  processes = [{ pid: burn() }]
  await expect.poll(() => quota.throttling().throttled).toBeGreaterThan(3)
  over.abort()
  await kept
  await quota.remove()
  expect(ours()).toEqual([])
  expect(children[0]?.exitCode).toBeNull()
})

quotaTest('processes that are gone are passed over, and a session takes its quotas with it', async () => {
  const quota = CpuQuota.create(session)
  const pid = burn()
  const [child] = children
  child?.kill('SIGKILL')
  await once(child as ChildProcess, 'exit')
  quota.hold([pid])
  expect(ours()).toHaveLength(1)
  await session.close()
  expect(ours()).toEqual([])
})

quotaTest('when the owner of a session is killed, its quota goes', async () => {
  const owner = spawn(
    process.execPath,
    [new URL('../fixtures/servers/quota-owner.mjs', import.meta.url).pathname, stateRoot],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const id = line.toString().trim()
  expect(quotaGroups().some((name) => name.includes(id))).toBe(true)
  owner.kill('SIGKILL')
  await vi.waitFor(() => expect(quotaGroups().filter((name) => name.includes(id))).toEqual([]), { timeout: 60_000 })
})
