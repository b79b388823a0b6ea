import { expect, test } from 'vitest'
import { judgeModels, needsEnvironment } from '../../cluster/runnable.ts'
import { loadModels } from '../../cluster/models.ts'

/** What the models lack for an app of one's own, by id, beside what the machine lacks. */
async function lacking(handlers: readonly string[]): Promise<Map<string, string>> {
  const [models, environment] = [await loadModels(), needsEnvironment(null)]
  const without = await judgeModels(models, environment, null)
  const judged = await judgeModels(models, environment, { handlers })
  return new Map(
    judged.map(({ model, needs }, index) => {
      const own = needs.slice(without[index]?.needs.length ?? 0)
      return [model.id, own.map(({ what, remedy }) => `${what} ${remedy}`).join(' ')]
    }),
  )
}

test('a plain app lacks nothing where processes are arranged, and gets a message on what a pool and a WSGI server need', async () => {
  const lacks = await lacking([])
  for (const id of ['single', 'cluster', 'pm2-fork', 'nginx-fork']) expect(lacks.get(id)).toBe('')
  for (const id of ['worker-pool', 'process-pool', 'cooperative']) expect(lacks.get(id)).toMatch(/defineHandler/)
  for (const id of ['gunicorn-sync', 'uwsgi', 'mod-wsgi']) expect(lacks.get(id)).toMatch(/serves Python.*`--url`/)
})

test('an app that defines handlers runs in the pools, too', async () => {
  const lacks = await lacking(['price'])
  for (const id of ['worker-pool', 'process-pool', 'thread-per-request']) expect(lacks.get(id)).toBe('')
  expect(lacks.get('uwsgi')).toMatch(/serves Python/)
})
