import { array, assert, double, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { driftOf, readClock, startSkew } from '../../agents/clock.ts'

const ms = (max: number): ReturnType<typeof double> => double({ min: 0, max, noNaN: true })

test('however long the way there and the way back take, the true offset is within the error', () => {
  const ways = array(record({ there: ms(50), back: ms(50) }), { minLength: 1, maxLength: 32 })
  assert(
    property(double({ min: -4e6, max: 4e6, noNaN: true }), ways, (offsetMs, delays) => {
      const exchanges = delays.map(({ there, back }, i) => {
        const askedMs = 1000 + i * 5
        return { askedMs, otherMs: askedMs + there + offsetMs, answeredMs: askedMs + there + back }
      })
      const reading = readClock(exchanges)
      expect(Math.abs(reading.offsetMs - offsetMs)).toBeLessThanOrEqual(reading.errorMs + 1e-6)
      expect(reading.roundTripMs).toBeCloseTo(Math.min(...delays.map(({ there, back }) => there + back)), 6)
    }),
  )
})

test('no exchange gives no reading', () => {
  expect(() => readClock([])).toThrow(/at least one exchange/)
})

test('a clock that was set or stopped is noticed, one that is read inexactly or goes a little fast is not', () => {
  const at = (offsetMs: number, errorMs: number) => ({ offsetMs, errorMs, roundTripMs: 2 * errorMs })
  expect(driftOf(at(100, 0.1), at(100.15, 0.1), 0)).toMatchObject({ stepped: false })
  expect(driftOf(at(100, 0.1), at(104, 0.1), 10)).toMatchObject({ stepped: false })
  expect(driftOf(at(100, 0.1), at(110, 0.1), 10)).toEqual({ driftMs: 10, stepped: true })
  expect(driftOf(at(100, 0.1), at(-3_600_000, 0.1), 10)).toMatchObject({ stepped: true })
})

test('the distance of starts is the latest less the earliest, and its bound adds what the clocks are wrong by', () => {
  expect(startSkew([{ lateMs: 7, errorMs: 1 }])).toEqual({ skewMs: 0, boundMs: 0 })
  const { skewMs, boundMs } = startSkew([
    { lateMs: 0.1, errorMs: 0.1 },
    { lateMs: 0.4, errorMs: 0.05 },
    { lateMs: 0.2, errorMs: 0.3 },
  ])
  expect(skewMs).toBeCloseTo(0.3)
  expect(boundMs).toBeCloseTo(0.55)
})

test('the true distance is within the bound', () => {
  const start = record({ lateMs: ms(5), errorMs: ms(2), wrong: double({ min: -1, max: 1, noNaN: true }) })
  assert(
    property(array(start, { minLength: 2, maxLength: 6 }), (starts) => {
      const actual = starts.map(({ lateMs, errorMs, wrong }) => lateMs + wrong * errorMs)
      expect(Math.max(...actual) - Math.min(...actual)).toBeLessThanOrEqual(startSkew(starts).boundMs + 1e-9)
    }),
  )
})
