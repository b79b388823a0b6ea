import { expect, test } from 'vitest'
import { loadModels } from '../../cluster/models.ts'
import { appOfVariant, variantModel, workersOf } from '../../cluster/variant.ts'

test('a variant is its model under another name, with its own workers wherever the size counts', async () => {
  const base = (await loadModels()).find(({ id }) => id === 'gunicorn-sync')
  if (base === undefined) throw new Error('no gunicorn-sync')
  const variant = variantModel('eight', base, { model: base.id, workers: 8, env: { POOL: '2' } })
  expect(variant).toMatchObject({ id: 'eight', routing: base.routing, executor: base.executor })
  expect(variant.title).toBe(`${base.title} (8 workers, POOL=2)`)
  expect(variant.topology({ workers: 2, threads: 1 })).toEqual(base.topology({ workers: 8, threads: 1 }))
  expect(variant.concurrency?.({ workers: 2, threads: 1 })).toBe(8)
  expect(workersOf(variant, 2)).toBe(8)
  expect(workersOf(base, 2)).toBe(2)
})

test('its app is its own, or the built-in one', () => {
  expect(appOfVariant({ model: 'single' })).toBeNull()
  expect(appOfVariant({ model: 'single', app: '/a.js', appStart: { cwd: '/b' } })).toEqual({
    module: '/a.js',
    cwd: '/b',
  })
  expect(appOfVariant({ model: 'single', appStart: { command: 'x' } })).toEqual({ command: 'x' })
})
