import { describe, expect, test } from 'vitest'
import { findModel, loadModels } from '../../cluster/models.ts'

const models = await loadModels()

test('the folder is the list: the models of the main job are there, sorted, each once', () => {
  const ids = models.map((model) => model.id)
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1)))
  expect(ids).toEqual(expect.arrayContaining(['single', 'pm2-fork', 'worker-pool']))
})

describe.each(models)('$id', (model) => {
  test('says what it is in a title and what it costs in one sentence', () => {
    expect(model.title).toMatch(/^[A-Z].*[^.]$/)
    expect(model.tradeoff).toMatch(/^[A-Z][^\n]{40,}\.$/)
  })

  test.each([1, 2, 7])('grows with %i workers unless its size is fixed', (workers) => {
    const topology = model.topology({ workers, threads: 2 })
    expect(topology.worker).toBeGreaterThanOrEqual(1)
    const grown = JSON.stringify(model.topology({ workers: workers + 1, threads: 2 })) !== JSON.stringify(topology)
    expect(grown).toBe(model.fixedSize !== true)
  })
})

test('a name that does not exist is answered with the nearest and the list', async () => {
  await expect(findModel('singel')).rejects.toMatchObject({
    code: 'UNKNOWN_NAME',
    problems: [{ hint: expect.stringMatching(/Did you mean "single"\? Known: .*pm2-fork/) as string }],
  })
})
