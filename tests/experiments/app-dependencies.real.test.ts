import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { dependencyPids, listenersAt } from '../../cluster/app-dependencies.ts'
import { ProblemList } from '../../core/errors.ts'
import type { AppDependency } from '../../core/records.ts'
import { codeSource, GivenOptions } from '../../experiments/options/given.ts'
import { resolveDependencies } from '../../experiments/resolution/dependencies.ts'
import { HostMeter } from '../../loadtest/host.ts'

const BUSY = `const { createServer } = require('node:net')
createServer().listen(0, '127.0.0.1', function () { process.send(this.address().port) })
const burn = () => { for (const end = Date.now() + 20; Date.now() < end; ); setImmediate(burn) }
burn()`

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** A program that listens and computes all the time. */
async function startBusy(): Promise<{ pid: number; port: number }> {
  const child = spawn(process.execPath, ['-e', BUSY], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  started.push(child)
  const port = await new Promise<number>((resolve) => child.once('message', (port) => resolve(Number(port))))
  return { pid: child.pid ?? 0, port }
}

async function usageWith(
  dependencies: readonly AppDependency[],
): Promise<{ foreign: number; named: number | undefined }> {
  const meter = await new HostMeter(2, [], dependencies).slice(null)
  meter.begin()
  await new Promise((resolve) => setTimeout(resolve, 600))
  meter.end()
  const { host } = await meter.result()
  return { foreign: host.foreignCores, named: host.appDependencyCores }
}

test('a named dependency is distinguished from other programs by its port or pid', async () => {
  const { pid, port } = await startBusy()
  expect(listenersAt(port)).toEqual([pid])
  for (const dependency of [
    { name: 'busy', pid, port: null },
    { name: 'busy', pid: null, port },
  ]) {
    const { named } = await usageWith([dependency])
    // It computes all the time; how much of a core it gets is the machine's affair.
    expect(named).toBeGreaterThan(0.05)
  }
  expect((await usageWith([])).named).toBeUndefined()
})

test('what descends from a dependency belongs to it, and what is excepted does not', async () => {
  const { pid } = await startBusy()
  const own = [{ name: 'tests', pid: process.pid, port: null }]
  expect(dependencyPids(own)).toEqual(expect.arrayContaining([process.pid, pid]))
  expect(dependencyPids(own, [pid])).not.toContain(pid)
})

test('names are resolved, and what cannot be is refused with the reason', async () => {
  const { pid, port } = await startBusy()
  const resolve = (
    ...dependencies: (string | number)[]
  ): { found: readonly AppDependency[]; problems: ProblemList } => {
    const problems = new ProblemList()
    const given = GivenOptions.of({ dependencies }, codeSource())
    return { found: resolveDependencies({ dependencies }, given, problems), problems }
  }
  expect(resolve(`port:${port}`, `pid:${pid}`).found).toEqual([
    { name: `node (port ${port})`, pid: null, port },
    { name: `node (pid ${pid})`, pid, port: null },
  ])
  expect(resolve(pid).found).toMatchObject([{ pid }])
  for (const [text, reason] of [
    [`pid:${process.pid}`, /process that Forkwise was started by/],
    ['port:1', /nothing listens at that port/],
    ['pid:9999999', /no such process/],
  ] as const) {
    const { problems } = resolve(text)
    expect(() => problems.throwIfAny('USAGE')).toThrow(reason)
  }
})
