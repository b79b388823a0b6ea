import { describe, expect, test } from 'vitest'
import { finish, type Pieces } from '../../../analysis/pieces.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { inPieces } from '../../../experiments/capacity/in-pieces.ts'

function* counting(): Pieces<number> {
  yield 'the first part'
  yield
  yield 'the second part'
  return 3
}

describe('a computation in pieces', () => {
  test('gives the same at once and in pieces, and reports its parts', async () => {
    const events: ExperimentEvent[] = []
    const { signal } = new AbortController()
    expect(finish(counting())).toBe(3)
    expect(await inPieces(counting(), signal, (event) => events.push(event))).toBe(3)
    expect(events).toEqual([
      { type: 'computing', what: 'the first part' },
      { type: 'computing', what: 'the second part' },
    ])
  })

  test('lets other work run between two pieces, and ends with the next piece after an abort', async () => {
    const stop = new AbortController()
    let pieces = 0
    let before = 0
    const endless = function* (): Pieces<never> {
      for (;;) {
        pieces += 1
        if (pieces === 3) setTimeout(otherWork, 0)
        yield
      }
    }
    const otherWork = (): void => {
      before = pieces
      stop.abort(new Error('Ctrl-C'))
    }
    await expect(inPieces(endless(), stop.signal, () => undefined)).rejects.toThrow('Ctrl-C')
    expect(before).toBeGreaterThanOrEqual(3)
    expect(pieces).toBe(before)
  })

  test('an error of a piece is the error of all', async () => {
    const failing = function* (): Pieces<number> {
      yield
      throw new Error('no such measurement')
    }
    const { signal } = new AbortController()
    await expect(inPieces(failing(), signal, () => undefined)).rejects.toThrow('no such measurement')
    expect(() => finish(failing())).toThrow('no such measurement')
  })
})
