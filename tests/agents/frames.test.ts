import { PassThrough } from 'node:stream'
import { array, assert, integer, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { frameOf, Frames } from '../../agents/frames.ts'

function reading(mostBytes: number): { stream: PassThrough; messages: unknown[]; garbage: string[]; frames: Frames } {
  const stream = new PassThrough()
  const messages: unknown[] = []
  const garbage: string[] = []
  const frames = new Frames(stream, mostBytes, {
    message: (value) => messages.push(value),
    garbage: (problem) => garbage.push(problem),
  })
  return { stream, messages, garbage, frames }
}

test('messages come out as they went in, however they were cut on the way', () => {
  assert(
    property(
      array(jsonValue(), { maxLength: 8 }),
      array(integer({ min: 1, max: 40 }), { minLength: 1 }),
      (values, cuts) => {
        const { stream, messages, garbage } = reading(1e6)
        const bytes = Buffer.concat(values.map((value) => frameOf({ value })))
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length] ?? 1
          stream.emit('data', bytes.subarray(at, at + length))
          at += length
        }
        expect(garbage).toEqual([])
        expect(JSON.stringify(messages)).toBe(JSON.stringify(values.map((value) => ({ value }))))
      },
    ),
    { numRuns: 60 },
  )
})

test('what is too long is refused by its head alone, and nothing after it is read', () => {
  const { stream, messages, garbage } = reading(20)
  stream.emit('data', frameOf({ a: 1 }))
  stream.emit('data', Buffer.from([0xff, 0xff, 0xff, 0xff]))
  stream.emit('data', frameOf({ a: 2 }))
  expect(messages).toEqual([{ a: 1 }])
  expect(garbage).toEqual(['a message of 4294967295 bytes, more than 20'])
})

test('what is no JSON is refused', () => {
  const { stream, messages, garbage } = reading(20)
  stream.emit('data', Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from('abc'), frameOf({ a: 2 })]))
  expect(messages).toEqual([])
  expect(garbage).toEqual([expect.stringMatching(/^no JSON/)])
})
