import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Sample, parseExposition } from '../../../core/exposition.ts'
import { startRecorder } from '../../../loadtest/observation/recorder.ts'
import { readSeriesLines } from '../../../loadtest/observation/series-file.ts'

/** A server with a counter that the test sets, as a unit's metrics. */
interface FakeUnit {
  readonly metricsUrl: string
  requests: number
  close(): void
}

let dir: string
let units: FakeUnit[]
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-recorder-'))
  units = await Promise.all([startUnit(), startUnit()])
})
afterEach(() => {
  for (const unit of units) unit.close()
  rmSync(dir, { recursive: true })
})

async function startUnit(): Promise<FakeUnit> {
  const server = http.createServer((_, response) => {
    response.end(
      `# TYPE http_server_request_duration_seconds histogram\nhttp_server_request_duration_seconds_count{http_route="/io"} ${unit.requests}\n`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const unit: FakeUnit = {
    metricsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    requests: 0,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return unit
}

async function samplesIn(folder: string): Promise<Sample[]> {
  const lines: string[] = []
  for await (const line of readSeriesLines(folder)) lines.push(line)
  return parseExposition(lines.join('\n'))
}

test('keeps the series of every unit with identity, and counts what they answered to the last request', async () => {
  const problems: string[] = []
  const observation = await startRecorder({ runId: 'r1', dir: join(dir, 'series'), onProblem: (p) => problems.push(p) })
  const launch = { model: 'cluster', workload: 'io', trial: 'b01-cluster-io' }
  const [first, second] = units
  if (first === undefined || second === undefined) throw new Error('two units expected')
  observation.unitsChanged(launch, [
    { name: 'worker-1', role: 'worker', pid: process.pid, metricsUrl: first.metricsUrl },
    { name: 'worker-2', role: 'worker', pid: process.pid, metricsUrl: second.metricsUrl },
    { name: 'broker', role: 'broker', pid: process.pid },
  ])
  observation.phase('saturation')
  first.requests = 41
  second.requests = 1
  expect(await observation.trialEnded(launch)).toEqual({ stored: 42 })
  first.requests = 50
  expect(await observation.trialEnded(launch)).toEqual({ stored: 51 })
  second.close()
  observation.unitsChanged(launch, [
    { name: 'worker-2', role: 'worker', pid: process.pid, metricsUrl: second.metricsUrl },
  ])
  expect(await observation.trialEnded(launch)).toEqual({ stored: 51 })
  observation.unitsChanged({ ...launch, trial: 'b02-cluster-io' }, [])
  expect(await observation.trialEnded(launch)).toEqual({ stored: null })
  expect(await observation.close()).toEqual({ folder: join(dir, 'series'), url: null })
  expect(await observation.close()).toEqual({ folder: join(dir, 'series'), url: null })
  expect(problems).toEqual([])

  const samples = await samplesIn(join(dir, 'series'))
  expect(samples.filter(({ name }) => name === 'up').map(({ labels, value }) => [labels['worker'], value])).toEqual([
    ...['worker-1', 'worker-2', 'broker', 'worker-1', 'worker-2', 'broker'].map((worker) => [worker, 1]),
    ['worker-2', 0],
  ])
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

test('a folder that cannot be made is told once, and the counts still come', async () => {
  writeFileSync(join(dir, 'file'), '')
  const problems: string[] = []
  const observation = await startRecorder({
    runId: 'r1',
    dir: join(dir, 'file', 'x'),
    onProblem: (p) => problems.push(p),
  })
  const launch = { model: 'single' }
  const metricsUrl = units[0]?.metricsUrl ?? ''
  if (units[0] !== undefined) units[0].requests = 3
  observation.unitsChanged(launch, [{ name: 'worker-1', role: 'worker', pid: process.pid, metricsUrl }])
  expect(await observation.trialEnded(launch)).toEqual({ stored: 3 })
  await observation.close()
  expect(problems.length).toBeGreaterThan(0)
  expect(problems[0]).toContain('Expected to be able to write series')
  expect(new Set(problems).size).toBe(problems.length)
})
