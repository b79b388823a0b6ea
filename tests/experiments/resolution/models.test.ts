import { expect, test } from 'vitest'
import { loadModels } from '../../../cluster/models.ts'
import { comparableModels, comparedId } from '../../../experiments/resolution/models.ts'

const all = await loadModels()
const idsOf = (models: readonly { readonly id: string }[]): string[] => models.map(({ id }) => id)

test('what answers with a job is compared as the form that waits, and it is said so', () => {
  const chosen = all.filter(({ id }) => ['celery', 'rq', 'single'].includes(id))
  const { models, replaced } = comparableModels(chosen, all)
  expect(idsOf(models)).toEqual(['celery-reply', 'rq-reply', 'single'])
  expect(replaced.map(({ model, reason }) => [model, /202.*`(\S+)`.*in its place/.exec(reason)?.[1]])).toEqual([
    ['celery', 'celery-reply'],
    ['rq', 'rq-reply'],
  ])
})

test('a form that was chosen as well is compared once', () => {
  const chosen = all.filter(({ id }) => ['task-queue', 'task-queue-reply'].includes(id))
  expect(idsOf(comparableModels(chosen, all).models)).toEqual(['task-queue-reply'])
})

test('every model that answers with a job has a form that exists and waits', () => {
  for (const { id } of all.filter(({ executor }) => executor === 'task-queue')) {
    expect(all.find((model) => model.id === comparedId(id, all))?.executor).toBe('task-queue-reply')
  }
})
