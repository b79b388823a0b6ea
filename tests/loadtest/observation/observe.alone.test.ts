import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compiled } from '../../../core/paths.ts'
import { PrometheusApi } from '../../../loadtest/observation/prometheus-api.ts'
import { startRecorder } from '../../../loadtest/observation/recorder.ts'
import { describeWith } from '../../parts.ts'
import { startMetricsUnit } from './metrics-unit.ts'

let dir: string
let running: ChildProcess[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-observe-'))
  running = []
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

function forkwise(...args: string[]): ChildProcess & { stderrText: () => string } {
  const child = spawn(process.execPath, [compiled('cli/main.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  const words: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => words.push(text))
  return Object.assign(child, { stderrText: () => words.join('') })
}

/** The first line on stdout, which is JSON; fails with what was said on stderr when there is none. */
async function firstJson(child: ReturnType<typeof forkwise>): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new Error('a pipe expected')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Record<string, unknown>
  throw new Error(child.stderrText())
}

async function endedBy(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit')
  child.kill(signal)
  const [code] = (await exit) as [number | null]
  return code
}

async function record(folder: string): Promise<void> {
  const unit = await startMetricsUnit('worker-1')
  const problems: string[] = []
  const observation = await startRecorder({
    runId: 'r1',
    dir: join(folder, 'series'),
    onProblem: (problem) => problems.push(problem),
  })
  for (const trial of ['b01-single', 'b02-single']) {
    observation.unitsChanged({ model: 'single', workload: 'io', trial }, [unit.unit])
    observation.phase('latency')
    for (const requests of [10, 20]) {
      unit.requests = requests
      await observation.trialEnded({ model: 'single', workload: 'io', trial })
    }
  }
  await observation.close()
  unit.close()
  expect(problems).toEqual([])
}

describeWith(['prometheus', 'promtool'], 'forkwise observe', () => {
  test('loads a recorded run into a Prometheus, and leaves nothing behind', async () => {
    await record(dir)
    const child = forkwise('observe', dir, '--json')
    const said = await firstJson(child)
    expect(said).toMatchObject({ schema: 'forkwise/observe@1' })
    const api = new PrometheusApi(new URL(String(said['prometheus'])))
    const total =
      'sum by (model, trial) (last_over_time(http_server_request_duration_seconds_count{http_route="/io/sleep"}[1m]))'
    const counts = await api.instant(total, Number(said['toMs']))
    expect(counts.map(({ labels, value }) => `${labels['model']} ${labels['trial']} ${value}`).sort()).toEqual([
      'single b01-single 20',
      'single b02-single 20',
    ])
    expect(await endedBy(child, 'SIGINT')).toBe(0)
    expect(await api.ready()).toBe(false)
  })

  test('says what is wrong with a folder that holds no run', async () => {
    mkdirSync(join(dir, 'series'))
    const empty = forkwise('observe', dir)
    expect(await once(empty, 'exit')).toEqual([2, null])
    expect(empty.stderrText()).toContain('Expected series in')
    writeFileSync(join(dir, 'series', '0001-x.om'), 'half a li')
    const torn = forkwise('observe', dir)
    expect(await once(torn, 'exit')).toEqual([2, null])
    expect(torn.stderrText()).toContain('Expected series in')
  })

  test('names the units of a model to the user’s own Prometheus, and takes them back', async () => {
    const targets = join(dir, 'targets')
    const child = forkwise('observe', 'cluster', '--workers', '2', '--port', '0', '--targets', targets, '--json')
    expect(await firstJson(child)).toMatchObject({ model: 'cluster', prometheus: null })
    const read = (file: string): { targets: string[]; labels: Record<string, string> }[] =>
      JSON.parse(readFileSync(join(targets, file), 'utf8')) as { targets: string[]; labels: Record<string, string> }[]
    const units = read('units.json')
    expect(new Set(units.map(({ labels }) => labels['worker']))).toEqual(new Set(['primary', 'worker-1', 'worker-2']))
    for (const {
      targets: [address],
      labels,
    } of [...units, ...read('run.json')]) {
      const response = await fetch(`http://${address}${labels['__metrics_path__']}`)
      expect(response.status).toBe(200)
    }
    expect(await endedBy(child, 'SIGINT')).toBe(0)
    expect([read('units.json'), read('run.json')]).toEqual([[], []])
    expect(readdirSync(targets).sort()).toEqual(['run.json', 'units.json'])
  })

  test('watches a model under load with a fault, and ends by itself', async () => {
    const load = ['--workload', 'io', '--rate', '40', '--fault', 'kill@2s']
    const child = forkwise('observe', 'cluster', '--workers', '2', '--port', '0', '--json', '--duration', '9s', ...load)
    const said = await firstJson(child)
    const api = new PrometheusApi(new URL(String(said['prometheus'])))
    const restarted = 'server_worker_restarts_total{reason="crash"} == 1 and on (run_id) loadgen_requests_total > 0'
    let found = 0
    for (let look = 0; look < 80 && found === 0; look++) {
      found = (await api.instant(restarted)).length
      await sleep(100)
    }
    expect(found).toBe(1)
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(child.stderrText()).toContain('kill is over')
  })

  test('refuses faults, models and combinations that do not exist, all at once', async () => {
    const child = forkwise('observe', 'cluster', '--fault', 'kil', '--rate', '10', '--prometheus-port', 'x')
    expect(await once(child, 'exit')).toEqual([2, null])
    for (const word of ['Did you mean "kill"?', '--workload', '--prometheus-port'])
      expect(child.stderrText()).toContain(word)
    const unknown = forkwise('observe', 'clustre')
    expect(await once(unknown, 'exit')).toEqual([2, null])
    expect(unknown.stderrText()).toContain('cluster')
    expect(existsSync(join(dir, 'targets'))).toBe(false)
  })
})
