import { expect, test } from 'vitest'
import { MODELS_WITH_LOOK, modelLook } from '../../dashboards/look.ts'

test('no two models look the same', () => {
  const looks = MODELS_WITH_LOOK.map((model) => JSON.stringify(modelLook(model)))
  expect(new Set(looks).size).toBe(MODELS_WITH_LOOK.length)
  expect(looks).not.toContain('null')
})

test('a model nobody thought of gets Grafana’s own colour', () => {
  expect(modelLook('of-the-future')).toBeNull()
})
