import { describe, expect, test } from 'vitest'
import { inPlace } from '../forkwise-process.ts'

const DRILL = ['drill', 'blocked-loop', '--fast', '--seed', '7', '--no-references', '--out']

describe.concurrent('a drill', () => {
  test('whose folder is not new is refused before anything is started', () =>
    inPlace(async (place) => {
      const { code, stderr } = await place.run([...DRILL, '..'])
      expect(code).toBe(2)
      expect(stderr).toContain('Expected `--out` to be a new or empty folder')
    }))
})

test('without a drill that runs there is nothing to control', () =>
  inPlace(async (place) => {
    const { code, stderr } = await place.run(['drill', 'do', 'workers', '4'])
    expect(code).toBe(2)
    expect(stderr).toContain('Expected a drill that runs in another terminal, got none.')
  }))
