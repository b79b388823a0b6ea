import { describe, expect, test } from 'vitest'
import { METRICS } from '../../../core/metrics.ts'
import { ALERTS } from '../../../dashboards/rules/alerts.ts'
import { RECORDED } from '../../../dashboards/rules/recording-rules.ts'
import { ruleFile, ruleTestFile, runbookLink } from '../../../dashboards/rules/rule-files.ts'
import { runbookPage } from '../../../dashboards/pages/runbook-page.ts'
import { metricsPage } from '../../../dashboards/pages/metrics-page.ts'

test('every alert of the design is there, once', () => {
  expect(ALERTS.map((alert) => alert.name).sort()).toEqual([
    'ConnectionsPileUp',
    'EventLoopBlocked',
    'EventLoopSaturated',
    'FileDescriptorsNearlyGone',
    'GarbageCollectionHeavy',
    'HighErrorRatio',
    'LatencyObjectiveMissed',
    'LoadGeneratorSaturated',
    'MemoryGrowth',
    'MetricsTargetDown',
    'PoolExhausted',
    'ProcessFrozen',
    'RollingReload',
    'SheddingLoad',
    'TaskBacklogGrowing',
    'WorkerCrashLoop',
    'WorkerCrashed',
    'WorkerImbalance',
    'WorkersCrashAtBoot',
    'WorkersLeaveTogether',
    'WorkersMissing',
  ])
})

describe.each(ALERTS)('$name', (alert) => {
  test('links to a heading of the runbook that says what it means, what to look at and what to do', () => {
    const [file, anchor] = runbookLink(alert.name).split('#')
    expect(file).toBe('docs/RUNBOOK.md')
    const headings = runbookPage().match(/^## .+$/gm) ?? []
    expect(headings.map((heading) => heading.slice(3).toLowerCase())).toContain(anchor)
    expect(alert.runbook.lookAt.length).toBeGreaterThan(0)
    expect(alert.runbook.act.length).toBeGreaterThan(0)
  })

  test('is about metrics of the catalogue or recorded series, and its tests are too', () => {
    const known = new Set([
      'up',
      'scrape_duration_seconds',
      ...Object.values(METRICS).flatMap(({ name }) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
      ...Object.values(RECORDED).map(({ record }) => record),
    ])
    const series = [...alert.firing.series, ...alert.quiet.series].map((one) => one.series.split('{')[0] ?? '')
    expect(alert.firing.series).not.toEqual([])
    for (const name of series) expect(known).toContain(name)
  })
})

test('generated texts are the same each time', () => {
  expect(ruleFile()).toBe(ruleFile())
  expect(ruleTestFile()).toBe(ruleTestFile())
})

test('the page of metrics names every metric and recorded series once', () => {
  const page = metricsPage()
  for (const { name } of Object.values(METRICS)) expect(page.split(`\`${name}\``)).toHaveLength(2)
  for (const { record } of Object.values(RECORDED)) expect(page).toContain(`\`${record}\``)
})
