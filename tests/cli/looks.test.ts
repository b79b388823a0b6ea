import { expect, test } from 'vitest'
import { loadModels } from '../../cluster/models.ts'
import { modelLook } from '../../dashboards/look.ts'

test('every model there is has a look of its own', async () => {
  expect((await loadModels()).map(({ id }) => id).filter((id) => modelLook(id) === null)).toEqual([])
})
