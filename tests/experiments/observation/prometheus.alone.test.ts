import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OwnedLaunch } from '../../../cluster/owned-launch.ts'
import { type Session, openSession } from '../../../cluster/session.ts'
import { ruleFile } from '../../../dashboards/rules/rule-files.ts'
import type { Observation } from '../../../loadtest/observation/observation.ts'
import { openObservation } from '../../../loadtest/observation/open-observation.ts'
import { startPrometheus } from '../../../loadtest/observation/prometheus.ts'
import { PrometheusApi } from '../../../loadtest/observation/prometheus-api.ts'
import { readSeriesLines } from '../../../loadtest/observation/series-file.ts'
import { describeWith } from '../../parts.ts'
import { type MetricsUnit, startMetricsUnit } from '../../loadtest/observation/metrics-unit.ts'

let dir: string
let session: Session
let launch: OwnedLaunch
let units: MetricsUnit[]
let problems: string[]
const signal = new AbortController().signal

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-prometheus-'))
  session = await openSession({ stateRoot: join(dir, 'state') })
  launch = session.createLaunch('prometheus')
  units = await Promise.all([startMetricsUnit('worker-1'), startMetricsUnit('worker-2')])
  problems = []
})
afterEach(async () => {
  for (const unit of units) unit.close()
  await session.close()
  rmSync(dir, { recursive: true, force: true })
})

function observe(spawner: Pick<OwnedLaunch, 'spawn' | 'logTail'> = launch, port = 0): Promise<Observation> {
  return openObservation(
    { runId: 'r1', dir: join(dir, 'series'), onProblem: (problem) => problems.push(problem) },
    { launch: spawner, rules: ruleFile(), port, signal },
  )
}

function start(options: { dir?: string; port?: number } = {}): ReturnType<typeof startPrometheus> {
  return startPrometheus({ dir: options.dir ?? join(dir, 'p'), port: options.port ?? 0, launch, rules: null, signal })
}

describeWith(['prometheus'], 'a Prometheus over a run', () => {
  test('finds every unit of each launch, stores their counts exactly, and leaves complete data and no process', async () => {
    const observation = await observe()
    const first = { model: 'cluster', workload: 'io', trial: 'b01-cluster-io' }
    observation.unitsChanged(first, [
      ...units.map(({ unit }) => unit),
      { name: 'broker', role: 'broker', pid: process.pid },
    ])
    await observation.launched(first)
    const api = new PrometheusApi(new URL(observation.url ?? ''))
    expect((await api.instant('count(up{job="forkwise"})')).map(({ value }) => value)).toEqual([3])
    observation.phase('saturation')
    for (const [i, unit] of units.entries()) unit.requests = 100 * (i + 1)
    expect(await observation.trialEnded(first)).toEqual({ stored: 300 })

    const up = await api.instant('up{job="forkwise"}')
    expect(up.map(({ labels, value }) => `${labels['trial']} ${labels['worker']} ${value}`).sort()).toEqual([
      'b01-cluster-io broker 1',
      'b01-cluster-io worker-1 1',
      'b01-cluster-io worker-2 1',
    ])
    expect(await api.instant('loadgen_phase_info')).toMatchObject([
      { labels: { job: 'forkwise-run', phase: 'saturation', model: 'cluster', trial: 'b01-cluster-io' }, value: 1 },
    ])
    const recorded = 'model:process_resident_memory_bytes:sum'
    while ((await api.instant(recorded)).length === 0) await sleep(100)
    expect((await api.instant(recorded)).map(({ labels }) => labels['model'])).toEqual(['cluster'])

    const second = { ...first, model: 'single', trial: 'b01-single-io' }
    const other = await startMetricsUnit('worker-1')
    units.push(other)
    other.requests = 7
    observation.unitsChanged(first, [])
    observation.unitsChanged(second, [other.unit])
    expect(await observation.trialEnded(second)).toEqual({ stored: 7 })
    // Counters start at zero with their process and each launch has series of its own: this is exact, in PromQL too.
    const total =
      'sum by (model) (last_over_time(http_server_request_duration_seconds_count{http_route="/io/sleep"}[5m]))'
    expect((await api.instant(total)).map(({ labels, value }) => `${labels['model']} ${value}`).sort()).toEqual([
      'cluster 300',
      'single 7',
    ])

    expect(await observation.close()).toEqual({ folder: join(dir, 'series'), url: null })
    expect(problems).toEqual([])
    expect(await api.ready()).toBe(false)
    expect(readdirSync(join(dir, 'series')).sort()).toEqual([
      '0001-b01-cluster-io.om.gz',
      '0002-b01-single-io.om.gz',
      'prometheus',
    ])
    const lines: string[] = []
    for await (const line of readSeriesLines(join(dir, 'series'))) lines.push(line)
    expect(lines).toContain('# TYPE http_server_request_duration_seconds histogram')
    expect(
      lines.filter((line) => /^http_server_request_duration_seconds_count\{.*io.sleep.*\} 200 /.test(line)).length,
    ).toBeGreaterThan(0)
  })

  test('that dies in the middle is reported, and another goes on with its data', async () => {
    const observation = await observe()
    const one = { model: 'single', trial: 't' }
    observation.unitsChanged(
      one,
      units.map(({ unit }) => unit),
    )
    await observation.launched(one)
    const sinceMs = performance.now()
    const { url } = observation
    expect(observation.trouble(0)).toEqual([])
    killPrometheus()
    while (problems.length === 0) await sleep(10)
    expect(problems[0]).toMatch(/ended by itself.* started again, at http/)
    expect(observation.trouble(sinceMs)).toEqual(['Prometheus ended by itself'])
    expect(observation.trouble(performance.now())).toEqual([])
    expect(observation.url).not.toBe(url)
    expect((await observation.trialEnded(one)).stored).not.toBeNull()
    await observation.close()
    expect(problems).toHaveLength(1)
  })

  test('that dies again and again is given up, and the run goes on', async () => {
    const observation = await observe()
    for (let death = 1; death <= 4; death++) {
      killPrometheus()
      while (problems.length < death) await sleep(10)
    }
    expect(problems.at(-1)).toMatch(/not started again \(it ended 4 times\): series are missing/)
    expect(await observation.trialEnded({ model: 'single', trial: 't' })).toEqual({ stored: null })
    await observation.close()
  })

  test('that cannot write any more is reported, and the run goes on', async () => {
    // No file may grow beyond 21 KiB, a little more than it needs to start: as a full disk does, it lets Prometheus start and fails it later.
    const cramped: typeof launch.spawn = (unit, command, args, options) =>
      launch.spawn(unit, 'bash', ['-c', 'ulimit -f 21; exec "$0" "$@"', command, ...args], options)
    const observation = await observe({ spawn: cramped, logTail: (lines) => launch.logTail(lines) })
    const one = { model: 'single', trial: 't' }
    const many = await Promise.all(Array.from({ length: 100 }, (_, i) => startMetricsUnit(`worker-${i + 3}`)))
    units.push(...many)
    observation.unitsChanged(
      one,
      units.map(({ unit }) => unit),
    )
    while (problems.length === 0) await observation.trialEnded(one)
    await observation.close()
    expect(problems.join('\n')).toMatch(/file too large|ended by itself/)
  })

  test('on a port that is taken gives way to the recorder, with the reason', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    const observation = await observe(launch, port)
    expect(observation.url).toBeNull()
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`--prometheus-port ${port}`)
    await observation.close()
    taken.close()
  })

  test('in a folder that cannot be written is refused', async () => {
    writeFileSync(join(dir, 'file'), '')
    await expect(start({ dir: join(dir, 'file', 'p') })).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' })
  })

  test('with rules it cannot read fails with its own words', async () => {
    const options = { dir: join(dir, 'p'), port: 0, launch, rules: 'groups: [{ name: 1, rules: [{}] }]', signal }
    await expect(startPrometheus(options)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('rules.yml') as string,
    })
    expect(readFileSync(join(dir, 'p', 'prometheus.yml'), 'utf8')).toContain('targets/units.json')
  })
})

describe('without Prometheus', () => {
  test('it is said how to get it, and the recorder takes its place', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = join(dir, 'nowhere')
    try {
      await expect(start()).rejects.toMatchObject({
        code: 'PART_MISSING',
        problems: [{ hint: expect.stringContaining('apt-get install prometheus') as string }],
      })
      const observation = await observe()
      observation.unitsChanged(
        { model: 'single' },
        units.map(({ unit }) => unit),
      )
      expect(await observation.trialEnded({ model: 'single' })).toEqual({ stored: 0 })
      await observation.close()
      expect(problems).toHaveLength(1)
    } finally {
      process.env['PATH'] = path
    }
  })
})

function killPrometheus(): void {
  const pid = launch.recorded.at(-1)?.pid
  if (pid === undefined) throw new Error('a recorded process expected')
  process.kill(pid, 'SIGKILL')
}
