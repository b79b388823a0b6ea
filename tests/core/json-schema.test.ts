import { expect, test } from 'vitest'
import { mismatchesOf } from '../../core/json-schema.ts'
import type { JsonSchema } from '../../core/expectation.ts'

const SCHEMA: JsonSchema = {
  type: 'object',
  required: ['models', 'kind'],
  properties: {
    models: { type: 'array', items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
    kind: { enum: ['pilot', 'full'] },
    workers: { type: 'integer', minimum: 1, maximum: 128 },
    node: { type: ['string', 'null'] },
    rate: { anyOf: [{ type: 'number' }, { type: 'object', required: ['perS'] }] },
  },
}

const words = (value: unknown, schema = SCHEMA): string[] =>
  mismatchesOf(value, schema).map(({ place, wanted, got }) => `${place} ${wanted}, got ${got}`)

test('a value that fits has no mismatches', () => {
  expect(words({ models: [{ id: 'a' }], kind: 'full', workers: 2, node: null, rate: 3 })).toEqual([])
})

test('all mismatches are found at once, each with its place, what was expected and what came', () => {
  expect(words({ models: [{ id: 1 }, null, {}], workers: 0.5, node: 1, rate: {} })).toEqual([
    ' to have `kind`, got none',
    '.models[0].id to be text, got 1',
    '.models[1] to be an object, got null',
    '.models[2] to have `id`, got none',
    '.workers to be a whole number from 1 to 128, got 0.5',
    '.node to be text or null, got 1',
    '.rate to have `perS`, got none',
  ])
})

test('what came is cut, however long or deep it is', () => {
  expect(words({ models: [], kind: 'x'.repeat(500) })[0]).toBe(
    `.kind to be pilot or full, got "${'x'.repeat(80)}…" (500 characters)`,
  )
  const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
  expect(words({ models: [], kind: deep })[0]?.length).toBeLessThan(200)
})

test('a tag decides which of two shapes is meant', () => {
  const branch = (tag: string, more: string): JsonSchema => ({
    type: 'object',
    required: ['is', more],
    properties: { is: { const: tag }, [more]: { type: 'number' } },
  })
  const schema = {
    type: 'object',
    discriminator: { propertyName: 'is' },
    required: ['is'],
    oneOf: [branch('a', 'x'), branch('b', 'y')],
  }
  expect(words({ is: 'b', y: 1 }, schema)).toEqual([])
  expect(words({ is: 'b' }, schema)).toEqual([' to have `y`, got none'])
  expect(words({ is: 'c' }, schema)).toEqual(['.is to be a or b, got "c"'])
})
