import { array, assert, constant, integer, nat, oneof, property, string, tuple } from 'fast-check'
import * as hdr from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { decodeSparse, highestValueAt } from '../../core/histogram-codec.ts'
import { LatencyHistogram } from '../../core/histogram.ts'

/** A latency in µs, from none to the longest, with how often it was seen. */
const recorded = tuple(
  oneof(nat(5000), nat(2_000_000), nat(3_600_000_000)),
  oneof(constant(1), integer({ min: 1, max: 100 }), integer({ min: 1, max: 2 ** 40 })),
)

test('the counts read are those of the library, whatever was recorded', () => {
  assert(
    property(array(recorded, { maxLength: 60 }), (values) => {
      const written = new LatencyHistogram()
      for (const [us, count] of values) written.record(us, count)
      const sparse = decodeSparse(written.toBase64())
      if (values.length === 0) return
      const library = [
        ...new LatencyHistogram(hdr.decodeFromCompressedBase64(written.toBase64(), 64, false)).recorded(),
      ]
      expect([...(sparse?.places ?? [])].map((place, i) => [highestValueAt(place), sparse?.counts[i]])).toEqual(library)
      expect(sparse?.total).toBe(written.count)
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('a histogram that was read merges, records and encodes like one that was made', () => {
  const [first, more] = [new LatencyHistogram(), new LatencyHistogram()]
  for (let us = 1; us < 300_000; us += 97) first.record(us, (us % 5) + 1)
  for (let us = 50; us < 9_000_000; us += 9973) more.record(us)
  const read = LatencyHistogram.fromBase64(first.toBase64())
  const made = new LatencyHistogram(hdr.decodeFromCompressedBase64(first.toBase64(), 64, false))
  expect(read.toBase64()).toBe(first.toBase64())
  expect(read.summaryMs()).toEqual(made.summaryMs())
  read.merge(LatencyHistogram.fromBase64(more.toBase64()))
  read.record(77)
  made.merge(more)
  made.record(77)
  expect(read.count).toBe(made.count)
  const { max, ...summary } = made.summaryMs()
  expect(read.summaryMs()).toMatchObject(summary)
  // The longest latency is known to three digits once it was written.
  expect((read.summaryMs().max ?? 0) / (max ?? 0)).toBeCloseTo(1, 2)
  expect([...read.recorded()]).toEqual([...made.recorded()])
  expect(read.toBase64()).toBe(made.toBase64())
})

test('another precision is left to the library', () => {
  const coarse = hdr.build({ numberOfSignificantValueDigits: 2, bitBucketSize: 64, useWebAssembly: false })
  coarse.recordValue(12_345)
  const text = hdr.encodeIntoCompressedBase64(coarse)
  expect(decodeSparse(text)).toBeNull()
  expect(LatencyHistogram.fromBase64(text).quantileUs(0.5)).toBe(coarse.getValueAtPercentile(50))
})

test('a text in which something was changed is refused, or read to the end', () => {
  const written = new LatencyHistogram()
  for (let us = 1; us < 300_000; us += 997) written.record(us)
  const text = written.toBase64()
  assert(
    property(nat(text.length - 1), nat(3), string({ minLength: 0, maxLength: 4 }), (at, cut, put) => {
      let histogram
      try {
        histogram = LatencyHistogram.fromBase64(text.slice(0, at) + put + text.slice(at + cut))
      } catch {
        return
      }
      expect(histogram.summaryMs().count).toBe(histogram.count)
    }),
    { seed: 1, numRuns: 2000 },
  )
})

test.each([
  ['nothing', ''],
  ['no base64', '§§§'],
  ['other bytes', Buffer.from('these are not a histogram').toString('base64')],
  ['a histogram cut in half', new LatencyHistogram().toBase64().slice(0, 20)],
])('%s is refused', (_, text) => {
  expect(() => LatencyHistogram.fromBase64(text)).toThrow()
})
