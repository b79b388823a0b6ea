import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Sample, parseExposition } from '../../../core/exposition.ts'
import { startRecorder } from '../../../loadtest/observation/recorder.ts'
import { readSeriesLines } from '../../../loadtest/observation/series-file.ts'
import { type MetricsUnit, startMetricsUnit } from './metrics-unit.ts'

let dir: string
let first: MetricsUnit
let second: MetricsUnit
beforeEach(async () => {
  // Only what a test asks for is read, however long that takes.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
  dir = mkdtempSync(join(tmpdir(), 'forkwise-recorder-'))
  first = await startMetricsUnit('worker-1')
  second = await startMetricsUnit('worker-2')
})
afterEach(() => {
  vi.useRealTimers()
  first.close()
  second.close()
  rmSync(dir, { recursive: true })
})

async function samplesIn(folder: string): Promise<Sample[]> {
  const lines: string[] = []
  for await (const line of readSeriesLines(folder)) lines.push(line)
  return parseExposition(lines.join('\n'))
}

test('keeps the series of every unit with identity, and counts what they answered to the last request', async () => {
  const problems: string[] = []
  const observation = await startRecorder({ runId: 'r1', dir: join(dir, 'series'), onProblem: (p) => problems.push(p) })
  const launch = { model: 'cluster', workload: 'io', trial: 'b01-cluster-io' }
  observation.unitsChanged(launch, [first.unit, second.unit, { name: 'broker', role: 'broker', pid: process.pid }])
  observation.phase('saturation')
  first.requests = 41
  second.requests = 1
  expect(await observation.trialEnded(launch)).toEqual({ stored: 42 })
  first.requests = 50
  expect(await observation.trialEnded(launch)).toEqual({ stored: 51 })
  second.close()
  observation.unitsChanged(launch, [second.unit])
  expect(await observation.trialEnded(launch)).toEqual({ stored: 51 })
  observation.unitsChanged({ ...launch, trial: 'b02-cluster-io' }, [])
  expect(await observation.trialEnded(launch)).toEqual({ stored: null })
  expect(await observation.close()).toEqual({ folder: join(dir, 'series'), url: null })
  expect(await observation.close()).toEqual({ folder: join(dir, 'series'), url: null })
  expect(problems).toEqual([])

  const samples = await samplesIn(join(dir, 'series'))
  const up = samples.filter(({ name }) => name === 'up').map(({ labels, value }) => `${labels['worker']} ${value}`)
  const once = ['broker 1', 'worker-1 1', 'worker-2 1']
  expect([up.slice(0, 3).toSorted(), up.slice(3, 6).toSorted(), up.slice(6)]).toEqual([once, once, ['worker-2 0']])
  const broker = samples.find(({ name }) => name === 'process_resident_memory_bytes')
  expect(broker?.labels).toEqual({
    run_id: 'r1',
    ...launch,
    worker: 'broker',
    role: 'broker',
    job: 'forkwise',
    instance: `pid-${process.pid}`,
  })
  expect(broker?.value).toBeGreaterThan(1e6)
  expect(samples.find(({ name }) => name === 'loadgen_phase_info')?.labels).toMatchObject({
    phase: 'saturation',
    job: 'forkwise-run',
    trial: 'b01-cluster-io',
  })
})

test('a folder that cannot be made is reported once, and the counts still come', async () => {
  writeFileSync(join(dir, 'file'), '')
  const problems: string[] = []
  const onProblem = (problem: string): void => void problems.push(problem)
  const observation = await startRecorder({ runId: 'r1', dir: join(dir, 'file', 'x'), onProblem })
  const launch = { model: 'single' }
  first.requests = 3
  observation.unitsChanged(launch, [first.unit])
  expect(await observation.trialEnded(launch)).toEqual({ stored: 3 })
  await observation.close()
  expect(problems[0]).toContain('Expected to be able to write series')
  expect(new Set(problems).size).toBe(problems.length)
})
