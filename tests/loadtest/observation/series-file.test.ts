import { appendFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SeriesFile, readSeriesLines, stampReading } from '../../../loadtest/observation/series-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-series-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const LABELS = { job: 'forkwise', worker: 'worker-1' }

async function linesIn(folder: string): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readSeriesLines(folder)) lines.push(line)
  return lines
}

describe('stampReading', () => {
  test('puts identity labels and time on every sample, and names counters as OpenMetrics does', () => {
    const text = '# HELP a_total Things.\n# TYPE a_total counter\na_total{b="}"} 3\n# a comment\nup 1\nempty{} 2\n'
    expect(stampReading(text, LABELS, 1700000000123)).toEqual({
      descriptions: ['# HELP a Things.', '# TYPE a counter'],
      samples: [
        'a_total{job="forkwise",worker="worker-1",b="}"} 3 1700000000.123',
        'up{job="forkwise",worker="worker-1"} 1 1700000000.123',
        'empty{job="forkwise",worker="worker-1"} 2 1700000000.123',
      ],
    })
  })
})

describe('SeriesFile', () => {
  test('keeps readings in order, describes each metric once, and ends compressed', async () => {
    const file = await SeriesFile.create(dir, '0001-a')
    const text = '# TYPE up gauge\nup 1\n'
    await Promise.all([1, 2, 3].map((atS) => file.append(stampReading(text, LABELS, atS * 1000))))
    await file.finish()
    expect(readdirSync(dir)).toEqual(['0001-a.om.gz'])
    expect(await linesIn(dir)).toEqual([
      '# TYPE up gauge',
      ...['1.000', '2.000', '3.000'].map((atS) => `up{job="forkwise",worker="worker-1"} 1 ${atS}`),
      '# EOF',
    ])
  })

  test('several files read as one, and a line that a crash tore is left out', async () => {
    const first = await SeriesFile.create(dir, '0001-a')
    await first.append(stampReading('# TYPE up gauge\nup 1\n', LABELS, 1000))
    await first.finish()
    const second = await SeriesFile.create(dir, '0002-b')
    await second.append(stampReading('# TYPE up gauge\nup 0\n', LABELS, 2000))
    await second.finish()
    appendFileSync(join(dir, '0003-c.om'), 'up{job="forkwise"} 1 3.000\nup{job="forkwise"} 1 4.0')
    expect(await linesIn(dir)).toEqual([
      '# TYPE up gauge',
      'up{job="forkwise",worker="worker-1"} 1 1.000',
      'up{job="forkwise",worker="worker-1"} 0 2.000',
      'up{job="forkwise"} 1 3.000',
      '# EOF',
    ])
  })

  test('a full disk rejects once, and the rest is let go', async () => {
    symlinkSync('/dev/full', join(dir, 'full.om'))
    const file = await SeriesFile.create(dir, 'full')
    const reading = stampReading('up 1\n', LABELS, 1000)
    await expect(file.append(reading)).rejects.toThrow('ENOSPC')
    await expect(file.append(reading)).resolves.toBeUndefined()
    await expect(file.finish()).resolves.toBeUndefined()
  })
})
