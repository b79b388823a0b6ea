import { expect } from 'vitest'
import type { TimelineItem } from '../../core/timeline.ts'
import { LiveJournal } from '../../live/journal.ts'
import { serveLive } from '../../live/server.ts'
import { launchChromium } from '../browser.ts'
import { partTest } from '../parts.ts'
import { beat, loadFigures, unitFigures, worker } from '../timeline-items.ts'

const UNITS = Array.from({ length: 16 }, (_, place) => worker(place + 1, 100 + place))
const HOUR_S = 3600
const MORE_S = 40

/** Longest that the page may compute for a frame, in ms. */
const MOST_MS = 8

/** One second of a busy server of sixteen workers. */
function secondOf(second: number): TimelineItem[] {
  const atMs = 1000 * second
  const of = <T>(value: T): Record<string, T> => Object.fromEntries(UNITS.map(({ key }) => [key, value]))
  return [
    {
      kind: 'load',
      atMs,
      second: loadFigures(second, { counts: Array.from({ length: 16 }, (_, row) => row + second) }),
    },
    { kind: 'figures', atMs, units: of(unitFigures({ ratePerS: 50 + (second % 9) })) },
    { kind: 'beats', atMs, kept: true, beats: of(beat(second)) },
  ]
}

partTest(['chromium'], `a frame takes less than ${MOST_MS} ms with 16 units and an hour of data`, async () => {
  const journal = new LiveJournal()
  journal.push({ kind: 'units', atMs: 1, launch: 'cluster', units: UNITS })
  for (let second = 1; second <= HOUR_S; second++) secondOf(second).forEach((item) => journal.push(item))
  const server = await serveLive(journal, { port: 0 })
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.addInitScript(`{
      const request = window.requestAnimationFrame.bind(window)
      window.framesMs = []
      window.requestAnimationFrame = (draw) => request((atMs) => {
        const beganMs = performance.now()
        draw(atMs)
        window.framesMs.push(performance.now() - beganMs)
      })
    }`)
    await page.goto(server.address)
    await page.locator(`#seconds[data-count="${HOUR_S}"]`).waitFor({ state: 'attached' })
    await page.evaluate('window.framesMs.length = 0')
    for (let second = HOUR_S + 1; second <= HOUR_S + MORE_S; second++) {
      secondOf(second).forEach((item) => journal.push(item))
      server.sendNow()
      await page.locator(`#seconds[data-count="${second}"]`).waitFor({ state: 'attached' })
    }
    const framesMs = await page.evaluate<number[]>('window.framesMs')
    expect(framesMs.length).toBeGreaterThanOrEqual(MORE_S / 2)
    const sorted = framesMs.toSorted((a, b) => a - b)
    // Half of the frames: one that met another program, or a collection of garbage, says nothing of the page.
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(MOST_MS)
  } finally {
    await browser.close()
    await server.close()
  }
})
