import { describe, expect, test } from 'vitest'
import { Player } from '../../analysis/timeline/player.ts'
import { Timeline } from '../../analysis/timeline/state.ts'
import { screenOf } from '../../live/screen.ts'
import { recordedComparison, recordedTimeline } from '../recorded-timeline.ts'
import { loadFigures, worker } from '../timeline-items.ts'

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
    for (const part of ['Load  the second until 0:12, counted', 'Latency, the last 12 seconds of load', 'Units'])
      expect(text).toContain(part)
    expect(text.split('\n')[0]).toMatch(/^cluster {2}● live {2}0:12$/)
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

test.each([60, 80, 100])('at %i columns every verdict has its whole word, its figures and its blocks', (columns) => {
  const player = new Player()
  player.add(recordedComparison())
  const at = (second: number): string[] =>
    screenOf(player.at(player.startMs + 1000 * second), { columns, rows: 50, style: plain })
  expect(at(15).filter((line) => /undecided, provisional\b/.test(line))).toHaveLength(2)
  expect(at(15).join('\n')).toMatch(
    /undecided, provisional: 1\.80× \(1\.20–2\.40\), 1 block|1 block, undecided, provisional/,
  )
  expect(at(41).join('\n')).toMatch(/better: 0\.60× \(0\.57–0\.63\), 4 blocks|0\.60× \(0\.57–0\.63\), 4 blocks, better/)
  expect(at(15).filter((line) => line.length > columns)).toEqual([])
})

test('a long title and a failed run leave the clock and the state whole', () => {
  const timeline = new Timeline()
  const launch = 'b01-nginx-fork-with-a-long-name-mixed-and-more-of-it, second trial'
  timeline.apply({ kind: 'run', atMs: 0, experiment: 'compare', id: 'a', expectedS: null, steps: 9 })
  timeline.apply({ kind: 'units', atMs: 0, launch, units: [worker(1, 7)] })
  timeline.apply({ kind: 'end', atMs: 754_000, text: 'It broke.', failed: true })
  const lines = screenOf(timeline, { columns: 60, rows: 20, style: plain })
  expect(lines[0]).toMatch(/^b01-nginx-fork-with.*… {2}● failed {2}12:34$/)
  expect(lines[0]).toHaveLength(60)
  expect(screenOf(timeline, { columns: 60, rows: 20, style: plain, past: true })[0]).toContain('● as it was  12:34')
})

test('the times of the heat map are those of the run, and where no load was before a second is marked', () => {
  const timeline = new Timeline()
  timeline.apply({ kind: 'run', atMs: 0, experiment: 'compare', id: 'a', expectedS: null, steps: 9 })
  for (const atS of [5, 6, 7, 8, 9, 10, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]) {
    timeline.apply({ kind: 'load', atMs: atS * 1000, second: loadFigures(atS) })
  }
  const lines = screenOf(timeline, { columns: 60, rows: 40, style: plain })
  expect(lines).toContain('Latency, the last 16 seconds of load')
  expect(lines).toContain('         ──────┼─────────')
  expect(lines).toContain('      at 0:05  0:31  0:40')
  expect(lines.find((line) => line.startsWith('≤ 7.5 ms') || line.startsWith('  ≤ 5 ms'))).toBeDefined()
})

test('units that there is no room for are counted', () => {
  const timeline = new Timeline()
  const units = Array.from({ length: 40 }, (_, place) => worker(place + 1, 200 + place))
  timeline.apply({ kind: 'units', atMs: 1, launch: 'cluster', units })
  const text = screenOf(timeline, { columns: 80, rows: 20, style: plain }).join('\n')
  const shown = [...text.matchAll(/worker-\d+/g)].length
  expect(text).toContain(`… and ${40 - shown} more`)
})
