import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import { seededRandom } from '../../core/random.ts'
import { loadSecond } from '../../experiments/timeline/event-items.ts'
import type { DriverProgress } from '../../loadtest/driver-progress.ts'
import { Recorder } from '../../loadtest/drivers/recorder.ts'
import { figureText, rateFigure } from '../../report/figures.ts'
import { loadTexts, msText } from '../../report/timeline-texts.ts'

test('the figures of a second are, to the digit, those of its record', () => {
  const request = { route: '/a', method: 'GET', path: '/a', expectStatus: 200, weight: 1 } as const
  const recorder = new Recorder([request], 5, 'open')
  const random = seededRandom(7)
  let before: DriverProgress | null = null
  const shown = [400, 1, 977].map((count) => {
    for (let i = 0; i < count; i++) {
      const latencyUs = Math.round(500 * Math.exp(5 * random()))
      const status = i % 100 === 99 ? 500 : 200
      recorder.countEnding(0, { kind: 'answer', status, latencyUs, serviceUs: latencyUs })
    }
    const now = recorder.closeSecond('counting')
    const texts = new Map(loadTexts(loadSecond(now, before)))
    before = now
    return ['Failed', 'p50', 'p99'].map((name) => texts.get(name))
  })
  const recorded = recorder.part().seconds.map(({ failed, latencies }) => {
    const histogram = new LatencyHistogram()
    for (const [us, times] of latencies) histogram.record(us, times)
    const { p50, p99 } = histogram.summaryMs()
    return [figureText(rateFigure(failed)), msText(p50), msText(p99)]
  })
  expect(shown).toEqual(recorded)
})
