import { describe, expect, test } from 'vitest'
import { ProblemList } from '../../../core/errors.ts'
import { resolveHeaders } from '../../../experiments/resolution/headers.ts'

/** The headers, or what is held against them. */
function resolved(...headers: (readonly [string, string])[]): Readonly<Record<string, string>> | string {
  const problems = new ProblemList()
  const found = resolveHeaders(headers, 'headers', problems)
  try {
    problems.throwIfAny('USAGE')
    return found
  } catch (thrown) {
    return (thrown as Error).message
  }
}

describe('headers of a request', () => {
  test('have small letters, so that the user’s own wins over ours whatever its capitals', () => {
    expect(resolved(['Content-Type', 'application/vnd.api+json'])).toEqual({
      'content-type': 'application/vnd.api+json',
    })
  })

  test('are sent once with all values when they are given twice', () => {
    expect(resolved(['Accept', 'text/html'], ['accept', 'text/plain'])).toEqual({ accept: 'text/html, text/plain' })
    expect(resolved(['Cookie', 'a=1'], ['Cookie', 'b=2'])).toEqual({ cookie: 'a=1; b=2' })
  })

  test.each(['Content-Type', 'Authorization', 'Host'])('%s has one value', (name) => {
    expect(resolved([name, 'a'], [name.toUpperCase(), 'b'])).toMatch(/once, got "a" and "b"/)
  })

  test.each(['Expect', 'Connection', 'Content-Length', 'Transfer-Encoding'])('%s is left to the generator', (name) => {
    expect(resolved([name, 'x'])).toMatch(/to leave `.*` to the generator/)
  })

  test.each([
    ['a b', 'x'],
    ['a', 'x\ny'],
  ])('what HTTP does not allow is refused', (name, value) => {
    expect(resolved([name, value])).toMatch(/that HTTP allows/)
  })
})
