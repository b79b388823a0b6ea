import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEventLoops } from '../../report/event-loop.ts'
import { renderHtml } from '../../report/html/report.ts'
import { fixtureRun, recordedRun } from './fixture-run.ts'

const dir = mkdtempSync(join(tmpdir(), 'forkwise-series-'))
const labels = (trial: string, worker: string): string =>
  `{run_id="r",model="cluster",trial="${trial}",worker="${worker}",role="worker"}`
const series = (trial: string, atS: number): string => `# TYPE nodejs_eventloop_utilization_ratio gauge
nodejs_eventloop_utilization_ratio${labels(trial, 'worker-1')} 0.25 ${atS}.001
nodejs_eventloop_utilization_ratio${labels(trial, 'worker-2')} 0.75 ${atS}.002
nodejs_eventloop_delay_max_seconds${labels(trial, 'worker-1')} 0.5 ${atS}.001
nodejs_eventloop_delay_max_seconds${labels(trial, 'worker-2')} NaN ${atS}.002
nodejs_eventloop_utilization_ratio${labels(trial, 'worker-1')} 1 ${atS + 1}.001
process_cpu_seconds_total${labels(trial, 'worker-1')} 3 ${atS}.001
# EOF
`

beforeAll(() => {
  mkdirSync(join(dir, 'series'))
  writeFileSync(join(dir, 'series', '0001-a.om.gz'), gzipSync(series('b01-cluster-cpu', 1_768_469_400)))
  writeFileSync(join(dir, 'series', '0002-b.om'), series('b01-single-cpu', 1_768_469_408))
  writeFileSync(join(dir, 'series', '0003-broken.om.gz'), 'not gzip')
  writeFileSync(join(dir, 'series', 'notes.txt'), series('nothing', 5))
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('the busiest and the latest worker of each moment, trial by trial', () => {
  const found = readEventLoops(dir)
  expect([...found.keys()]).toEqual(['b01-cluster-cpu', 'b01-single-cpu'])
  expect(found.get('b01-cluster-cpu')).toEqual([
    { atMs: 1_768_469_400_000, utilization: 0.75, delayS: 0.5 },
    { atMs: 1_768_469_401_000, utilization: 1, delayS: null },
  ])
})

test('a folder without series has none', () => {
  expect(readEventLoops(join(dir, 'series')).size).toBe(0)
})

test('the timeline has lanes for the event loop where it was recorded', () => {
  const fixture = fixtureRun(7, { kind: 'pilot', samples: 20 })
  const run = recordedRun(fixture)
  const lane = 'event loop of the busiest worker'
  expect(renderHtml(fixture.result, run)).not.toContain(lane)
  expect(renderHtml(fixture.result, { ...run, dir })).toContain(lane)
})
