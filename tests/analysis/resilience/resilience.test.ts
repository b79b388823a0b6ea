import { describe, expect, test } from 'vitest'
import { analyseResilience, breaksPromise } from '../../../analysis/resilience/resilience.ts'
import { countsText, factsText, timesText } from '../../../analysis/resilience/resilience-wording.ts'
import type { ResilienceCell } from '../../../core/resilience-record.ts'
import { ledger, manifestOf, RATES, faultedCell } from '../synthetic-resilience.ts'

describe('words for repetitions', () => {
  test.each([
    [[0, 0, 0], '0'],
    [[1], '1'],
    [[1, 0, 2], '1, 0, 2'],
    [[4, 1, 9, 3], '1–9'],
  ])('counts %j', (counts, text) => expect(countsText(counts)).toBe(text))

  test.each([
    [[0.41, 0.44], '0.4 s'],
    [[0.4, 0.7, 0.5], '0.4–0.7 s'],
    [[null, null], 'never'],
    [[0.5, null, 0.5], '0.5 s, never in 1 of 3'],
  ])('times %j', (times, text) => expect(timesText(times)).toBe(text))

  test('what only some faults have', () => {
    expect(factsText({ fault: 'freeze', facts: [{ replaced: true }, { replaced: false }] })).toBe('replaced in 1 of 2')
    expect(factsText({ fault: 'freeze', facts: [{ replaced: false }] })).toBe('not replaced')
    expect(factsText({ fault: 'boot-crash', facts: [{ crashedStarts: 3, crashingS: 5 }] })).toBe(
      '3 crashed starts in 5 s',
    )
    expect(
      factsText({ fault: 'leak', facts: [{ recycled: 4, memory: { firstBytes: 2 ** 26, peakBytes: 2 ** 27 } }] }),
    ).toBe('4 replaced, 64 MiB → 128 MiB at most')
    expect(factsText({ fault: 'kill', facts: [{}] })).toBe('')
  })
})

describe('rows', () => {
  const cells: readonly ResilienceCell[] = [
    faultedCell({ faulted: ledger({ timeouts: 1, connectionErrors: 2 }) }),
    faultedCell({ repeat: 2, faulted: ledger({ timeouts: 1 }) }),
    faultedCell({
      model: 'single',
      faulted: ledger({ connectionErrors: 250 }),
      service: [{ atS: 0, missing: ['0 of 1 worker'] }],
    }),
    faultedCell({ fault: 'reload', faulted: ledger() }),
    faultedCell({ fault: 'reload', repeat: 2, faulted: ledger({ connectionErrors: 1 }) }),
    faultedCell({ fault: 'overload', extra: ledger({ non2xx: 30 }), faulted: ledger({ non2xx: 4, slowed: 7 }) }),
    {
      ...faultedCell({ model: 'single', fault: 'overload' }),
      outcome: 'failed',
      error: { code: 'START_FAILED', message: 'no' },
    },
  ]
  const result = analyseResilience(manifestOf(), RATES, cells)
  const row = (model: string, fault: string): (typeof result.rows)[number] | undefined =>
    result.rows.find((each) => each.model === model && each.fault === fault)

  test('hold every repetition', () => {
    expect(row('cluster', 'kill')).toMatchObject({
      repeats: 2,
      hung: [1, 1],
      connectionErrors: [2, 0],
      fullStrengthS: [0.4, 0.4],
    })
  })

  test('explain the client that hangs after a kill by the connection that nobody reclaims', () => {
    expect(row('cluster', 'kill')?.because.join(' ')).toContain('nodejs/node#21746')
    expect(row('single', 'kill')?.because.join(' ')).not.toContain('21746')
    expect(row('single', 'kill')?.because.join(' ')).toContain('Nobody starts it again')
  })

  test('what becomes of the work in hand is a column, a sentence, and part of the summary', () => {
    const facts = {
      unit: 'worker-1/task',
      computing: true,
      tasks: { accepted: 9, done: 8, repeated: 0, lost: 1, waiting: 0 },
      heldTask: { begun: 1, done: false },
      longRequest: { status: 202, error: null, jobStatus: 500 },
    }
    const lost = faultedCell({ model: 'single', injection: { atS: 1.2, tookS: 0, facts } })
    const cut = faultedCell({
      injection: { atS: 1.2, tookS: 0, facts: { computing: true, longRequest: { status: null, error: 'ECONNRESET' } } },
    })
    const unseen = faultedCell({
      repeat: 2,
      injection: { atS: 1.2, tookS: 0, facts: { computing: false, longRequest: { status: 200, error: null } } },
    })
    const { summary, rows } = analyseResilience(manifestOf(), RATES, [lost, cut, unseen])
    expect(summary.join(' ')).toContain(
      'What became of the work that the worker had in hand: single lost, its job answers 500; cluster cut off (ECONNRESET) in 1 of 2, cannot be told in 1 of 2.',
    )
    const [first, second] = rows.toSorted((a, b) => (a.model < b.model ? 1 : -1))
    expect(first && factsText(first)).toBe('work in hand: lost, its job answers 500; 1 lost, 0 begun again of 9 tasks')
    expect(first?.because.join(' ')).toContain('Its worker lives on, and forks another')
    expect(first?.because.join(' ')).not.toContain('Nobody starts it again')
    expect(second?.because.join(' ')).toMatch(/learns that at once.*cannot be told from this/)
  })

  test.each([
    [3, 'the supervisor', 'followed by a longer pause'],
    [27, 'PM2', 'without a pause, and without an end'],
    [27, 'the supervisor', 'without a pause; all of them'],
  ])('distinguish %i crashed starts in 5 s under %s from what is bounded', (crashedStarts, restartedBy, words) => {
    const manifest = manifestOf(1)
    const models = manifest.models.map((model) => ({ ...model, restartedBy }))
    const faults = [{ id: 'boot-crash', title: 'Crash', question: '', recoveryFrom: 'end' as const }]
    const cell = faultedCell({
      fault: 'boot-crash',
      injection: { atS: 1.2, tookS: 5, facts: { crashedStarts, crashingS: 5 } },
    })
    expect(analyseResilience({ ...manifest, models, faults }, RATES, [cell]).rows[0]?.because.join(' ')).toContain(
      words,
    )
  })

  test.each([
    ['cluster', 1, 'deals no second connection'],
    ['single', 300, 'Nobody noticed'],
  ])('explain why a stopped worker of %s hangs %i', (model, timeouts, words) => {
    const manifest = manifestOf(1)
    const faults = [{ id: 'freeze', title: 'Stop', question: '', recoveryFrom: 'injection' as const }]
    const injection = { atS: 1.2, tookS: 5, facts: { replaced: false } }
    const cell = faultedCell({ model, fault: 'freeze', injection, faulted: ledger({ timeouts }) })
    const { rows } = analyseResilience({ ...manifest, faults }, RATES, [cell])
    expect(rows[0]?.because.join(' ')).toContain(words)
    expect(rows[0]?.because.join(' ')).not.toContain('are reset')
  })

  test('add what an overload asked for on top', () => {
    expect(row('cluster', 'overload')).toMatchObject({ sent: [600], non2xx: [34], slowed: [7] })
  })

  test('a promised reload that lost one request in any launch is a broken promise', () => {
    expect(row('cluster', 'reload')?.promise).toBe('broken')
    expect(breaksPromise(result)).toBe(true)
    expect(result.summary.join(' ')).toContain(
      'cluster promised a reload without a failed request and did not keep it.',
    )
    const kept = analyseResilience(manifestOf(), RATES, [cells[3] as ResilienceCell])
    expect(kept.rows[0]?.promise).toBe('kept')
    expect(breaksPromise(kept)).toBe(false)
  })

  test('a request that is reset in a reload of Gunicorn is explained by the connections that its workers close', () => {
    const manifest = manifestOf(1)
    const models = manifest.models.map((model) => ({
      ...model,
      reload: 'rough' as const,
      restartedBy: 'Gunicorn’s arbiter',
    }))
    const rough = faultedCell({ fault: 'reload', faulted: ledger({ connectionErrors: 6 }) })
    const { rows } = analyseResilience({ ...manifest, models }, RATES, [rough])
    expect(rows[0]?.because.join(' ')).toContain('closes its kept connections')
    const clean = faultedCell({ fault: 'reload', faulted: ledger() })
    expect(analyseResilience({ ...manifest, models }, RATES, [clean]).rows[0]?.because).toEqual([])
  })

  test('a model without the promise cannot break it', () => {
    const rough = faultedCell({ model: 'reuse-port', fault: 'reload', faulted: ledger({ connectionErrors: 6 }) })
    expect(analyseResilience(manifestOf(), RATES, [rough]).rows[0]?.promise).toBeNull()
  })

  test('failures of whole models and of cells are named, and which counts rest on one launch', () => {
    expect(result.failed).toEqual([
      { model: 'reuse-port', fault: null, message: 'did not start' },
      { model: 'single', fault: 'overload', message: 'no' },
    ])
    expect(result.notes.join(' ')).toContain(
      'Counts from one launch alone: single under kill and cluster under overload.',
    )
    const quick = analyseResilience(manifestOf(1), RATES, [faultedCell()])
    expect(quick.notes.join(' ')).toContain('Every count is from one launch')
  })

  test('a rate at which a worker may be idle when the fault comes is said to be little', () => {
    const { notes } = analyseResilience(manifestOf(1), { ...RATES, ratePerS: 3 }, [faultedCell()])
    expect(notes.join(' ')).toContain('3/s is little')
    expect(analyseResilience(manifestOf(1), RATES, [faultedCell()]).notes.join(' ')).not.toContain('is little')
  })

  test('a load that failed before the fault, and other programs, are said', () => {
    const doubtful = faultedCell({ baseline: { ...ledger({ timeouts: 1 }), p50Ms: 2, p99Ms: 5 }, foreignCores: 0.5 })
    const { notes } = analyseResilience(manifestOf(1), RATES, [doubtful])
    expect(notes.join(' ')).toContain('Requests failed before anything was done to the server: cluster under kill.')
    expect(notes.join(' ')).toContain('during 1 launch of 1')
  })
})
