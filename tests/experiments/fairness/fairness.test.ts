import { expect, test } from 'vitest'
import { sweepModels } from '../../../experiments/fairness/fairness.ts'
import { scriptedModel, scriptedWorkload, scriptedWorld } from '../scripted-world.ts'

const prepared = {
  models: [scriptedModel('single'), scriptedModel('cluster')],
  workload: scriptedWorkload('io'),
  workers: 2,
  connections: [2, 4],
  launches: 2,
  seed: 1,
}

test('every model is launched afresh as often as asked, with one number of connections after the other', async () => {
  const { context, events, emit, log } = scriptedWorld()
  const { rows, records } = await sweepModels(prepared, context, emit)
  expect(events.flatMap((event) => (event.type === 'step-started' ? [event.label] : []))).toEqual([
    'single: launch 1 of 2',
    'single: launch 2 of 2',
    'cluster: launch 1 of 2',
    'cluster: launch 2 of 2',
  ])
  const measured = events.flatMap((event) => (event.type === 'spread-measured' ? [event.record] : []))
  expect(measured).toEqual(records)
  expect(records.map(({ model, launch, connections }) => `${model} ${launch} ${connections}`)).toEqual([
    'single 1 2',
    'single 1 4',
    'single 2 2',
    'single 2 4',
    'cluster 1 2',
    'cluster 1 4',
    'cluster 2 2',
    'cluster 2 4',
  ])
  expect(rows.map(({ model, connections }) => `${model} ${connections}`)).toEqual([
    'single 2',
    'single 4',
    'cluster 2',
    'cluster 4',
  ])
  expect(log.filter((line) => line.startsWith('stop'))).toHaveLength(4)
})

test('an abort in the middle ends it with every server stopped', async () => {
  const world = scriptedWorld()
  const emit: typeof world.emit = (event) => {
    world.emit(event)
    if (event.type === 'spread-measured') world.abort.abort()
  }
  await expect(sweepModels(prepared, world.context, emit)).rejects.toThrow()
  expect(world.events.filter(({ type }) => type === 'spread-measured')).toHaveLength(1)
  expect(world.log.filter((line) => /^(start|stop)/.test(line))).toEqual(['start single-0', 'stop single-0'])
})
