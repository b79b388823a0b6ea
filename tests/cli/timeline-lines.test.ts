import { expect, test } from 'vitest'
import { Player } from '../../analysis/timeline/player.ts'
import type { TimelineItem, TimelineUnit } from '../../core/timeline.ts'
import { TimelineLines } from '../../cli/timeline-lines.ts'
import { recordedComparison, recordedTimeline } from '../recorded-timeline.ts'
import { worker } from '../timeline-items.ts'

test('units are named as they begin, and what happens to them is said once', () => {
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
    '  0:00  cluster: 2 units are in service',
    '  0:00  cluster: worker-1 (pid 7), worker-2 (pid 8)',
    '  0:02  worker-2 (pid 8) is gone',
    '  0:02  worker-2 (pid 9) replaces pid 8',
    '  0:03  cluster is asked to stop',
    '  0:04  cluster: 1 unit is in service',
    '  0:04  cluster: worker-1 (pid 7)',
  ])
})

test('the events are those of the page, and every second of load is there', () => {
  const printed: string[] = []
  const lines = new TimelineLines({ result: (text) => printed.push(text) })
  const player = new Player()
  for (const item of player.add(recordedTimeline())) lines.print(item, player.startMs)
  const { marks, columns } = player.newest
  expect(marks.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'worker-1 (pid 101): event loop blocked for a second',
      'worker-2 (pid 102) is stopped by a signal',
      'worker-3 (pid 103) is gone',
      'worker-3 (pid 204) replaces pid 103',
    ]),
  )
  const texts = printed.map((line) => line.slice(8))
  expect(texts.filter((text) => marks.some((mark) => mark.text === text))).toEqual(marks.map(({ text }) => text))
  expect(texts.filter((text) => text.startsWith('Offered '))).toHaveLength(columns.length)
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
