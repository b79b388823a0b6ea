import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type * as Capacity from '../../../analysis/capacity/index.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'

/** Named by a variable, so that types do not need the compiled package. */
const NAME = 'forkwise/capacity'

test('the example of docs/CAPACITY.md runs, on the compiled package', async () => {
  const page = readFileSync(join(PACKAGE_ROOT, 'docs/CAPACITY.md'), 'utf8')
  const code = /```js\nimport \{([^}]+)\} from 'forkwise\/capacity'\n([\s\S]*?)```/.exec(page)
  const names = (code?.[1] ?? '').split(',').map((name) => name.trim())
  const exported = (await import(NAME)) as typeof Capacity
  expect(Object.keys(exported)).toEqual(expect.arrayContaining(names))
  expect(exported.fitScaling([[{ workers: 1, throughputPerS: 100 }]]).curve.gammaPerS).toBeCloseTo(100)
  const printed: number[][] = []
  // oxlint-disable-next-line typescript/no-implied-eval -- the page's own lines
  new Function(...names, 'console', code?.[2] ?? '')(...names.map((name) => exported[name as keyof typeof exported]), {
    log: (...values: number[]) => printed.push(values),
  })
  const [own, central] = printed[0] ?? []
  // One connection a request: a busy worker holds at most one, so the tail is a little longer than that of one queue.
  expect(own).toBeGreaterThan(1.05 * (central ?? Infinity))
  expect(own).toBeLessThan(1.4 * (central ?? 0))
})
