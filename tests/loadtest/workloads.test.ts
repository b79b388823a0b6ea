import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findWorkload, loadWorkloads, workloadOfPaths } from '../../loadtest/workloads.ts'

describe('workloads', () => {
  test('every file of the folder is one, with its name as id', async () => {
    const files = readdirSync(new URL('../../loadtest/workloads/', import.meta.url)).map((file) =>
      file.replace('.ts', ''),
    )
    expect((await loadWorkloads()).map(({ id }) => id)).toEqual(files.sort())
    expect(files).toEqual(expect.arrayContaining(['cpu', 'io', 'mixed']))
  })

  test('each can be sent, and grows with the server', async () => {
    for (const workload of await loadWorkloads()) {
      expect(workload.summary).toMatch(/\.$|\?$/)
      for (const request of workload.requests) {
        expect(request.path).toMatch(/^\/[a-z]/)
        expect(request.weight).toBeGreaterThan(0)
      }
      const small = workload.connections({ workers: 1, cores: 2 })
      const large = workload.connections({ workers: 8, cores: 8 })
      expect(Number.isInteger(small) && small > 0).toBe(true)
      expect(large).toBeGreaterThan(small)
    }
  })

  test('an unknown name is answered with the nearest one', async () => {
    await expect(findWorkload('mixt')).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      problems: [{ hint: expect.stringContaining('"mixed"') as string }],
    })
    await expect(findWorkload('io')).resolves.toMatchObject({ id: 'io' })
  })
})

describe('own paths', () => {
  test.each([
    { text: '/a?x=1', request: { route: '/a', method: 'GET', path: '/a?x=1', weight: 1 } },
    { text: '9:/a', request: { method: 'GET', path: '/a', weight: 9 } },
    { text: '0.5:POST /orders', request: { route: 'POST /orders', method: 'POST', weight: 0.5 } },
  ])('$text', ({ text, request }) => {
    expect(workloadOfPaths([text]).requests).toMatchObject([{ ...request, expectStatus: 200 }])
  })

  test('all that cannot be read is reported at once', () => {
    expect(() => workloadOfPaths(['orders', '0:/a', '/ok', 'BREW /pot', '/with space'])).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        problems: expect.toSatisfy((p: unknown[]) => p.length === 4) as unknown,
      }),
    )
    expect(() => workloadOfPaths([])).toThrow(/at least once/)
  })
})
