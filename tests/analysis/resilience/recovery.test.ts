import { describe, expect, test } from 'vitest'
import { rateBackS, recoveryOf, unitsBackS } from '../../../analysis/resilience/recovery.ts'
import { secondsOf, faultedCell } from '../synthetic-resilience.ts'

describe('units back in service', () => {
  const gone = ['1 of 2 workers']
  test.each([
    ['nothing was ever missing', [{ atS: 0, missing: [] }], 0],
    [
      'one was missing for a while',
      [
        { atS: 0, missing: [] },
        { atS: 0.1, missing: gone },
        { atS: 0.6, missing: [] },
      ],
      0.6,
    ],
    [
      'it came and went: the last return counts',
      [
        { atS: 0, missing: gone },
        { atS: 0.6, missing: [] },
        { atS: 1, missing: gone },
        { atS: 2.5, missing: [] },
      ],
      2.5,
    ],
    [
      'it never came back',
      [
        { atS: 0, missing: [] },
        { atS: 0.1, missing: gone },
      ],
      null,
    ],
    ['nothing was looked at', [], null],
  ])('%s', (_, service, wanted) => expect(unitsBackS(service)).toBe(wanted))
})

describe('rate back', () => {
  test.each([
    ['every second kept up', [40, 40, 40, 40, 40], 0],
    ['two seconds after an injection at 1.2 s did not', [40, 5, 10, 70, 40], 1.8],
    ['a bad second before the injection does not count', [0, 40, 40, 40, 40], 0],
    ['three requests on their way at the end of a second are no loss', [40, 26, 40, 40, 40], 0],
    ['it was bad to the end', [40, 0, 0, 0, 0], null],
    ['bad in the last whole second', [40, 40, 40, 0, 40], null],
  ])('%s', (_, ok, wanted) => {
    const found = rateBackS(secondsOf(ok), 1.2, 300)
    if (wanted === null) expect(found).toBeNull()
    else expect(found).toBeCloseTo(wanted, 6)
  })

  test('answers that keep up but are late for most are not back', () => {
    const late = secondsOf([40, 40, 40, 40, 40]).map((second) => ({ ...second, p50Ms: second.atS === 2 ? 900 : 2 }))
    expect(rateBackS(late, 1.2, 300)).toBeCloseTo(1.8, 6)
  })

  test('what is drained after the last arrival is not asked for', () => {
    const drained = { atS: 5, sent: 0, ok: 0, failed: 4, p50Ms: null, p99Ms: null }
    expect(rateBackS([...secondsOf([40, 0, 40, 40, 40]), drained], 1.2, 300)).toBeCloseTo(0.8, 6)
  })
})

describe('full strength', () => {
  test('is the later of units and rate', () => {
    const cell = faultedCell({ seconds: secondsOf([40, 0, 40, 40, 40]) })
    expect(recoveryOf(cell, { id: 'kill', recoveryFrom: 'injection' })).toEqual({
      unitsS: 0.4,
      rateS: expect.closeTo(0.8, 6),
      fullS: expect.closeTo(0.8, 6),
    })
  })

  test('is unknown when either is', () => {
    const cell = faultedCell({ seconds: secondsOf([40, 0, 0, 0, 0]) })
    expect(recoveryOf(cell, { id: 'kill', recoveryFrom: 'injection' })).toMatchObject({ unitsS: 0.4, fullS: null })
  })

  test('counts a reload to the end of the last old worker', () => {
    const cell = faultedCell({ service: [{ atS: 0, missing: [] }], injection: { atS: 1.2, tookS: 2.5, facts: {} } })
    expect(recoveryOf(cell, { id: 'reload', recoveryFrom: 'injection' }).fullS).toBe(2.5)
  })

  test('counts from the end of what lasts, and never below zero', () => {
    const cell = faultedCell({
      injection: { atS: 1.2, tookS: 2, facts: {} },
      seconds: secondsOf([40, 0, 0, 0, 0, 40, 40]),
    })
    const { unitsS, rateS } = recoveryOf(cell, { id: 'overload', recoveryFrom: 'end' })
    expect(unitsS).toBe(0)
    expect(rateS).toBeCloseTo(1.8, 6)
  })

  test('is not asked of a fault that takes nothing at once', () => {
    expect(recoveryOf(faultedCell(), { id: 'leak', recoveryFrom: null })).toEqual({
      fullS: null,
      unitsS: null,
      rateS: null,
    })
  })
})
