import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { commandLineOf, readProcess } from '../../cluster/proc.ts'
import { openSession } from '../../cluster/session.ts'

const fixture = (name: string): string => new URL(`../fixtures/servers/${name}`, import.meta.url).pathname

let stateRoot = ''
beforeEach(() => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
})
afterEach(() => rmSync(stateRoot, { recursive: true, force: true }))

/** Starts a process that opens a session with three processes in it, and gives what it says about them. */
async function startOwner(
  ...words: string[]
): Promise<{ owner: ReturnType<typeof spawn>; dir: string; root: number; pids: number[] }> {
  const owner = spawn(process.execPath, [fixture('session-owner.mjs'), stateRoot, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  return { owner, ...(JSON.parse(line.toString()) as { dir: string; root: number; pids: number[] }) }
}

/** Ends an owner so hard that nothing notices: its guard first. */
async function killWithGuard({ owner, dir }: Awaited<ReturnType<typeof startOwner>>): Promise<void> {
  const guard = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => commandLineOf(Number(pid)).join(' ').endsWith(` ${dir}`))
  process.kill(Number(guard), 'SIGKILL')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
}

const living = (pids: readonly number[]): number[] => pids.filter((pid) => readProcess(pid)?.zombie === false)

test('the folder is private and short, and is gone when the session is closed twice', async () => {
  const root = join(stateRoot, 'made')
  const session = await openSession({ stateRoot: root })
  expect(statSync(session.dir).mode & 0o777).toBe(0o700)
  expect(session.createLaunch('x').dir.length).toBeLessThan(80)
  await session.close()
  await session.close()
  expect(existsSync(root)).toBe(false)
})

test('a state folder that others can enter is refused', async () => {
  const open = join(stateRoot, 'open')
  mkdirSync(open)
  await expect(openSession({ stateRoot: open })).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' })
})

test('a state folder in which the path of a socket would be too long is refused, and nothing of it stays', async () => {
  const root = join(stateRoot, 'x'.repeat(100))
  await expect(openSession({ stateRoot: root })).rejects.toMatchObject({
    code: 'FOLDER_UNWRITABLE',
    message: expect.stringMatching(/Expected a short path .* unix sockets .*xxxx/) as string,
  })
  expect(readdirSync(root)).toEqual([])
})

test('a long path of the temporary folder is no obstacle: sockets are made elsewhere', async () => {
  const long = join(stateRoot, 'x'.repeat(100))
  mkdirSync(long)
  vi.stubEnv('TMPDIR', long)
  const session = await openSession()
  vi.unstubAllEnvs()
  expect(session.createLaunch('x').dir.length).toBeLessThan(80)
  await session.close()
  expect(existsSync(session.dir)).toBe(false)
})

test('closing ends every process of a launch, also those without its environment or its parent', async () => {
  const session = await openSession({ stateRoot })
  const launch = session.createLaunch('brood')
  const child = launch.spawn({ name: 'worker-1', role: 'worker' }, process.execPath, [
    fixture('odd-server.mjs'),
    'brood',
  ])
  await expect.poll(() => launch.census().length).toBe(3)
  const pids = launch.census().map((entry) => entry.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(launch.census()).toHaveLength(2)
  await session.close()
  expect(living(pids)).toEqual([])
  expect(() => launch.spawn({ name: 'late', role: 'worker' }, 'true', [])).toThrow(/over/)
})

test('what a killed owner and its guard left is ended by the next session, and a living owner’s is not', async () => {
  const dead = await startOwner()
  const alive = await startOwner()
  await killWithGuard(dead)
  // The hardest case: the root of the tree is gone too, so that nobody is anybody's child.
  process.kill(dead.root, 'SIGKILL')
  await expect.poll(() => living(dead.pids)).toHaveLength(2)

  const session = await openSession({ stateRoot })
  expect(session.reaped.sessions).toBe(1)
  expect(new Set(session.reaped.pids)).toEqual(new Set(dead.pids.filter((pid) => pid !== dead.root)))
  expect(living(dead.pids)).toEqual([])
  expect(existsSync(dead.dir)).toBe(false)
  expect(living(alive.pids)).toHaveLength(3)
  expect(existsSync(alive.dir)).toBe(true)

  await killWithGuard(alive)
  const last = await openSession({ stateRoot })
  expect(last.reaped.pids).toHaveLength(3)
  await Promise.all([session.close(), last.close()])
  expect(existsSync(stateRoot)).toBe(false)
})

test('an owner that ends without closing takes its processes with it', async () => {
  const { owner, pids } = await startOwner('exit')
  if (owner.exitCode === null) await once(owner, 'exit')
  await expect.poll(() => living(pids)).toEqual([])
  expect(existsSync(stateRoot)).toBe(false)
})
