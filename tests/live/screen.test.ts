import { describe, expect, test } from 'vitest'
import { Player } from '../../analysis/timeline/player.ts'
import { Timeline } from '../../analysis/timeline/state.ts'
import { screenOf } from '../../live/screen.ts'
import { recordedComparison, recordedTimeline } from '../recorded-timeline.ts'
import { worker } from '../timeline-items.ts'

const plain = (_: string, text: string): string => text

function playerOf(): Player {
  const player = new Player()
  player.add(recordedTimeline())
  return player
}

describe.each([60, 80, 100, 160])('at %i columns', (columns) => {
  test.each([16, 24, 40, 80])('and %i rows nothing is wider or higher, at any moment', (rows) => {
    const player = playerOf()
    for (let second = 0; second <= 41; second++) {
      const lines = screenOf(player.at(player.startMs + 1000 * second), { columns, rows, style: plain })
      expect(lines.length).toBeLessThanOrEqual(rows)
      expect(lines.filter((line) => line.length > columns)).toEqual([])
    }
  })

  test('the four parts are there, with the units as they stand', () => {
    const player = playerOf()
    const text = screenOf(player.at(player.startMs + 12_500), { columns, rows: 50, style: plain }).join('\n')
    for (const part of ['Load', 'Latency of the last', 'Units']) expect(text).toContain(part)
    expect(text).toMatch(/worker-1 +101 +blocked for 2\.\d s/)
    expect(text).toMatch(/worker-2 +102 +alive/)
    const later = screenOf(player.newest, { columns, rows: 50, style: plain }).join('\n')
    expect(later).toContain('kill is injected')
    expect(later).toMatch(/✕ worker-3 +103/)
  })
})

test('verdicts are provisional until the end, and the limit of an objective is a line', () => {
  const player = new Player()
  player.add(recordedComparison())
  const at = (second: number): string =>
    screenOf(player.at(player.startMs + 1000 * second), { columns: 100, rows: 50, style: plain }).join('\n')
  expect(at(5)).not.toContain('Verdicts')
  expect(at(5)).toMatch(/50 ms .*╌/)
  expect(at(5)).toContain('objective p99<50ms')
  expect(at(15)).toContain('Verdicts so far')
  expect(at(15)).toContain('cpu: throughput, cluster ÷ single: 1.80× (1.20–2.40), 1 block, undecided, provisional')
  expect(at(41)).toContain('1.80× (1.70–1.90), 4 blocks, better')
  expect(at(41)).not.toContain('rovisional')
})

test('units that there is no room for are counted', () => {
  const timeline = new Timeline()
  const units = Array.from({ length: 40 }, (_, place) => worker(place + 1, 200 + place))
  timeline.apply({ kind: 'units', atMs: 1, launch: 'cluster', units })
  const text = screenOf(timeline, { columns: 80, rows: 20, style: plain }).join('\n')
  const shown = [...text.matchAll(/worker-\d+/g)].length
  expect(text).toContain(`… and ${40 - shown} more`)
})
