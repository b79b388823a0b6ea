import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { LoadRecord } from '../../../core/load.ts'
import type { LoadSecondFigures, TimelineItem } from '../../../core/timeline.ts'
import { figureText, rateFigure } from '../../../report/figures.ts'
import { loadTexts, msText } from '../../../report/timeline-texts.ts'
import { readRun } from '../../../store/comparison-folder.ts'
import { TimelineReader } from '../../../store/timeline-file.ts'
import { makePlace, type Place } from '../forkwise-process.ts'

const WORDS = 'compare --models single,cluster --workloads io --workers 2 --quick --blocks 1 --anyway --out run'.split(
  ' ',
)

let place: Place

beforeAll(() => {
  place = makePlace()
})

afterAll(() => {
  const left = place.processes()
  place.remove()
  expect(left).toEqual([])
})

test('a comparison is followed to its end while it runs, and its seconds are those of its records', async () => {
  const comparing = place.start(WORDS)
  const dir = join(place.dir, 'run')
  await vi.waitUntil(() => existsSync(join(dir, 'timeline.ndjson')), { timeout: 120_000 })
  const watching = place.start(['watch', 'run', '--text'])
  const [compared, watched] = await Promise.all([comparing.ended, watching.ended])
  expect([compared.code, compared.stderr]).toEqual([0, expect.anything()])
  expect(watched.code).toBe(0)
  expect(watched.stdout.trimEnd().split('\n').at(-1)).toContain('The run is over.')
  expect((await place.run(['watch', 'run', '--text'])).stdout).toBe(watched.stdout)

  const items = new TimelineReader(dir).read().map(({ item }) => item)
  const final = items.findLast((item) => item.kind === 'verdicts')
  expect(final).toMatchObject({ final: true, verdicts: expect.arrayContaining([expect.anything()]) })
  const { trials } = readRun(dir)
  expect(trials.length).toBeGreaterThanOrEqual(2)
  for (const trial of trials) {
    if (trial.outcome === 'failed') throw new Error(`${trial.id} failed: ${trial.error.message}`)
    const slices = [trial.saturation, ...(trial.latency === null ? [] : [trial.latency])]
    const shown = countedSeconds(items, trial.id)
    expect(shown.length).toBe(slices.length)
    slices.forEach(({ load }, place) => {
      const seconds = recordTexts(load)
      const texts = (shown[place] ?? []).map(shownTexts)
      // The rest of a second at the end of a slice is counted, and is no second that was shown.
      expect(seconds.length - texts.length).toBeLessThanOrEqual(1)
      expect(texts.length).toBeGreaterThan(0)
      expect(texts).toEqual(seconds.slice(0, texts.length))
    })
  }
})

/** The counted seconds of a launch as its timeline has them, slice by slice. */
function countedSeconds(items: readonly TimelineItem[], launch: string): LoadSecondFigures[][] {
  const slices: LoadSecondFigures[][] = []
  let running = ''
  for (const item of items) {
    if (item.kind === 'units') running = item.launch
    if (item.kind !== 'load' || running !== launch || item.second.phase !== 'counting') continue
    const last = slices.at(-1)
    if (last === undefined || (last.at(-1)?.elapsedS ?? 0) >= item.second.elapsedS) slices.push([item.second])
    else last.push(item.second)
  }
  return slices
}

function shownTexts(second: LoadSecondFigures): readonly (string | undefined)[] {
  const texts = new Map(loadTexts(second))
  return ['Answered', 'Failed', 'p50', 'p99'].map((name) => texts.get(name))
}

function recordTexts({ seconds }: Pick<LoadRecord, 'seconds'>): readonly (readonly string[])[] {
  const perS = (count: number): string => figureText(rateFigure(count))
  return seconds.map(({ ok, failed, p50Ms, p99Ms }) => [perS(ok), perS(failed), msText(p50Ms), msText(p99Ms)])
}
