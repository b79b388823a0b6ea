import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { PROC_SUPPORTED, readProcess } from '../../cluster/proc.ts'
import type { ProcessUsage } from '../../core/records.ts'
import { HostMeter, type SliceUsage } from '../../loadtest/host.ts'

/** Computes until it has used so much CPU; how long that takes is the machine’s affair. */
const BURN = `
const burn = (seconds) => {
  const since = process.cpuUsage()
  for (let used = { user: 0, system: 0 }; used.user + used.system < seconds * 1e6; ) used = process.cpuUsage(since)
}`

/** Starts children, each of which burns a time, and waits for them. */
const PARENT = `
const { spawnSync } = require('node:child_process')
process.on('message', (seconds) => {
  for (const each of seconds) spawnSync(process.execPath, ['-e', process.env.BURN + ';burn(' + each + ')'])
  process.send('done')
})
process.send('ready')`

/** Has a child that burns 0.5 s before it is told to go on, burns 0.2 s then, and ends; waits for it. */
const PARENT_OF_ELDER = `
const code = process.env.BURN + ";burn(0.5); process.send('ready'); process.once('message', () => { burn(0.2); process.exit() })"
const child = require('node:child_process').spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
child.once('message', () => process.send('ready'))
child.once('exit', () => process.send('done'))
process.on('message', () => child.send('go on'))`

/** Leaves behind a child that has burnt 0.3 s and burns 0.3 s more. */
const PARENT_OF_ORPHAN = `
process.once('message', () => {
  const code = process.env.BURN + ";burn(0.3); require('fs').writeSync(1, 'half'); burn(0.3)"
  const child = require('node:child_process').spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  child.stdout.once('data', () => process.send(child.pid, () => process.exit()))
})
process.send('ready')`

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

async function start(code: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], BURN },
  })
  started.push(child)
  await once(child, 'message')
  return child
}

function usageOf(pid: number): ProcessUsage[] {
  const cpuS = readProcess(pid)?.cpuS ?? null
  return cpuS === null ? [] : [{ name: 'app', role: 'worker', pid, cpuS, rssBytes: 0, pssBytes: null }]
}

/**
 * One slice as three meters see it: one that knows the process, one to which all below us is ours, one that knows nobody.
 * They begin and end one after the other: where the machine gives others a turn in between, a new process is measured.
 */
async function measure(
  code: string,
  during: (child: ChildProcess) => Promise<unknown>,
): Promise<Record<'known' | 'own' | 'nobody', SliceUsage>> {
  for (;;) {
    const child = await start(code)
    const host = new HostMeter(2, [])
    const meters = [
      await host.slice({ usage: () => Promise.resolve(usageOf(child.pid ?? 0)) }),
      await host.ownSlice(),
      await host.slice(null),
    ] as const
    const begunAtOnce = isAtOnce(() => meters.forEach((meter) => meter.begin()))
    await during(child)
    const endedAtOnce = isAtOnce(() => meters.forEach((meter) => meter.end()))
    const [known, own, nobody] = [await meters[0].result(), await meters[1].result(), await meters[2].result()]
    if (begunAtOnce && endedAtOnce) return { known, own, nobody }
  }
}

/** Calls, and says whether that took too little time for others to use CPU that counts. */
function isAtOnce(call: () => void): boolean {
  const startMs = performance.now()
  call()
  return performance.now() - startMs < MOST_APART_MS
}

/** How far apart the meters of a measurement may begin, or end: less than a tenth of a core second on two cores. */
const MOST_APART_MS = 40

/** CPU seconds that a meter takes for ours and one that knows nobody takes for others’: whatever those use, it is in both. */
function oursS(usage: SliceUsage, nobody: SliceUsage): number {
  return (nobody.host.foreignCores - usage.host.foreignCores) * usage.host.wallS
}

/** What the steps of the kernel’s counters, and the ms between the ends of two slices, can come to. */
const SLACK_S = 0.15

test.skipIf(!PROC_SUPPORTED)('children that come, compute and end within a slice are the server’s', async () => {
  const { known, own, nobody } = await measure(PARENT, async (parent) => {
    parent.send([0.3, 0.3, 0.3])
    await once(parent, 'message')
  })
  expect(known.server[0]?.cpuS).toBeGreaterThan(0.9)
  for (const usage of [known, own]) expect(oursS(usage, nobody)).toBeGreaterThan(0.9 - SLACK_S)
})

test.skipIf(!PROC_SUPPORTED)('what a child had used before the slice in which it ends is not the slice’s', async () => {
  const { known, own, nobody } = await measure(PARENT_OF_ELDER, async (parent) => {
    parent.send('go on')
    await once(parent, 'message')
  })
  for (const seconds of [known.server[0]?.cpuS ?? 0, oursS(known, nobody), oursS(own, nobody)]) {
    expect(seconds).toBeGreaterThan(0.2 - SLACK_S)
    expect(seconds).toBeLessThan(0.5)
  }
})

test.skipIf(!PROC_SUPPORTED)('one that outlives its parent is ours where all below us is', async () => {
  const { own, nobody } = await measure(PARENT_OF_ORPHAN, async (parent) => {
    parent.send('begin')
    const [orphan] = (await once(parent, 'message')) as [number]
    while (readProcess(orphan)?.zombie === false) await new Promise((resolve) => setTimeout(resolve, 10))
  })
  expect(oursS(own, nobody)).toBeGreaterThan(0.3)
})
