import { expect, test } from 'vitest'
import type { TimelineItem, TimelineUnit } from '../../core/timeline.ts'
import { TimelineLines } from '../../cli/timeline-lines.ts'
import { recordedComparison } from '../recorded-timeline.ts'
import { worker } from '../timeline-items.ts'

test('units are named when they change, and that a launch is stopped is said once', () => {
  const printed: string[] = []
  const lines = new TimelineLines({ result: (text) => printed.push(text) })
  const units = (atMs: number, ...present: readonly TimelineUnit[]): TimelineItem => ({
    kind: 'units',
    atMs,
    launch: 'cluster',
    units: present,
  })
  const [one, two, again] = [worker(1, 7), worker(2, 8), worker(2, 9)]
  const all = [units(0, one, two), units(1000, one, two), units(2000, one, again), units(3000), units(3000)]
  for (const item of [...all, units(4000, one)]) lines.print(item, 0)
  expect(printed).toEqual([
    '  0:00  cluster: worker-1 (pid 7), worker-2 (pid 8)',
    '  0:02  cluster: worker-1 (pid 7), worker-2 (pid 9)',
    '  0:03  cluster is asked to stop',
    '  0:04  cluster: worker-1 (pid 7)',
  ])
})

test('of verdicts the final ones are printed, as the report has them', () => {
  const printed: string[] = []
  const lines = new TimelineLines({ result: (text) => printed.push(text) })
  for (const item of recordedComparison()) if (item.kind === 'verdicts') lines.print(item, item.atMs)
  expect(printed).toEqual([
    '  0:00  cpu: throughput, cluster ÷ single: 1.80× (1.70–1.90), 4 blocks, better',
    '  0:00  cpu: p99 latency, cluster ÷ single: 0.60× (0.57–0.63), 4 blocks, better',
  ])
})
