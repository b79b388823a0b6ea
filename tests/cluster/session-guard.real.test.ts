import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandLineOf, environmentOf, readProcess } from '../../cluster/proc.ts'
import { compiled } from '../../core/paths.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(os.tmpdir(), 'fw-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A process that owns a session with a child and a daemon that has left its parent: programs without any channel. */
function startOwner(): ReturnType<typeof spawn> {
  const session = pathToFileURL(compiled('cluster/session.js')).href
  const program = `import { openSession } from ${JSON.stringify(session)}
    const session = await openSession({ stateRoot: ${JSON.stringify(join(root, 'state'))} })
    const launch = session.createLaunch('guarded')
    launch.spawn({ name: 'child', role: 'worker' }, 'sleep', ['300'])
    launch.spawn({ name: 'starter', role: 'worker' }, 'sh', ['-c', 'setsid sleep 300 & exit 0'], { transient: true })
    console.log('started')
    process.stdin.once('data', async () => { await session.close(); process.exit(0) })`
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, TMPDIR: root },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** Command lines below the place of this test, the owner's left out. */
function others(owner: number | undefined): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== owner && readProcess(Number(name))?.zombie === false)
    .filter((pid) => environmentOf(Number(pid), 'TMPDIR') === root)
    .map((pid) => commandLineOf(Number(pid)).join(' '))
}

test.each(['is killed', 'ends its session'])(
  'an owner %s: neither its processes nor the guard are left',
  async (how) => {
    const owner = startOwner()
    const { stdin, stdout } = owner
    if (stdin === null || stdout === null) throw new Error('Expected pipes.')
    await once(stdout, 'data')
    const names = (): string[] => others(owner.pid).map((line) => line.replace(/.*session-guard.*/, 'guard'))
    await expect.poll(() => names().toSorted()).toEqual(['guard', 'sleep 300', 'sleep 300'])
    const ended = once(owner, 'exit')
    if (how === 'is killed') owner.kill('SIGKILL')
    else stdin.write('end')
    await ended
    await expect.poll(names).toEqual([])
  },
)
