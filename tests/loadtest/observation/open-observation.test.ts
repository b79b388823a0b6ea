import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openObservation } from '../../../loadtest/observation/open-observation.ts'
import { type MetricsUnit, startMetricsUnit } from './metrics-unit.ts'

const LAUNCH = { model: 'single', workload: 'io', trial: 'b01-single-io' }

let dir: string
let unit: MetricsUnit
let problems: string[]
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-open-'))
  unit = await startMetricsUnit('worker-1')
  problems = []
})
afterEach(() => {
  unit.close()
  rmSync(dir, { recursive: true })
})

test('the user’s own Prometheus gets each unit as a target, while the recorder keeps and counts the series', async () => {
  const series = join(dir, 'series')
  const targetsDir = join(dir, 'targets')
  const unitsFile = join(targetsDir, 'units.json')
  const observation = await openObservation(
    { runId: 'r1', dir: series, onProblem: (p) => problems.push(p) },
    { targetsDir },
  )
  observation.unitsChanged(LAUNCH, [unit.unit])
  expect(JSON.parse(readFileSync(unitsFile, 'utf8'))).toMatchObject([{ labels: { worker: 'worker-1', ...LAUNCH } }])
  await observation.launched(LAUNCH)
  observation.phase('saturation')
  unit.requests = 5
  expect(await observation.trialEnded(LAUNCH)).toEqual({ stored: 5 })
  const [run] = JSON.parse(readFileSync(join(targetsDir, 'run.json'), 'utf8')) as { targets: string[] }[]
  const said = await (await fetch(`http://${run?.targets[0]}/run/metrics`)).text()
  expect(said).toContain('phase="saturation"')
  await observation.close()
  expect(readFileSync(unitsFile, 'utf8').trim()).toBe('[]')
  expect(readdirSync(series)).toEqual(['0001-b01-single-io.om.gz'])
  expect(problems).toEqual([])
})

test('a folder of targets that cannot be written is reported once, and the recorder goes on alone', async () => {
  writeFileSync(join(dir, 'file'), '')
  const observation = await openObservation(
    { runId: 'r1', dir: join(dir, 'series'), onProblem: (p) => problems.push(p) },
    { targetsDir: join(dir, 'file', 'targets') },
  )
  observation.unitsChanged(LAUNCH, [unit.unit])
  unit.requests = 5
  expect(await observation.trialEnded(LAUNCH)).toEqual({ stored: 5 })
  await observation.close()
  expect(problems).toEqual([
    expect.stringMatching(/name the units to Prometheus .* recorded without Prometheus instead/),
  ])
})
