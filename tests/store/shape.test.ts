import { expect, test } from 'vitest'
import { mismatchesOf } from '../../core/json-schema.ts'
import { list, nullable, number, object, oneOf, optional, type Shape, text } from '../../store/shape.ts'

interface Sample {
  readonly id: string
  readonly kind: 'a' | 'b'
  readonly rate: number | null
  readonly notes?: readonly string[]
}

test('the compiler holds a shape against its type, member by member', () => {
  const members = { id: text, kind: oneOf('a', 'b'), rate: nullable(number), notes: optional(list(text)) }
  const sample: Shape<Sample> = object<Sample>(members)
  const { rate: _rate, ...withoutRate } = members
  // @ts-expect-error A member is missing.
  object<Sample>(withoutRate)
  // @ts-expect-error It may be null.
  object<Sample>({ ...members, rate: number })
  // @ts-expect-error One of its words is missing.
  object<Sample>({ ...members, kind: oneOf('a') })
  // @ts-expect-error It has no such word.
  object<Sample>({ ...members, kind: oneOf('a', 'b', 'c') })
  // @ts-expect-error It may be absent.
  object<Sample>({ ...members, notes: list(text) })
  // @ts-expect-error It must be there.
  object<Sample>({ ...members, id: optional(text) })
  expect(mismatchesOf({ id: 'x', kind: 'b', rate: null }, sample.schema)).toEqual([])
  expect(mismatchesOf({ id: 'x', kind: 'b', rate: null, notes: null }, sample.schema)).toHaveLength(1)
})
