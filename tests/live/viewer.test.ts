import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { LiveJournal } from '../../live/journal.ts'
import { Messages } from '../../live/messages.ts'
import { Viewer } from '../../live/viewer.ts'
import { beat, loadFigures } from '../timeline-items.ts'

function pushSeconds(journal: LiveJournal, from: number, to: number): void {
  for (let s = from; s <= to; s++) journal.push({ kind: 'load', atMs: s * 1000, second: loadFigures(s) })
}

function heldIn(stream: PassThrough): number {
  return stream.writableLength + stream.readableLength
}

test('what one that does not read holds stays the same, however much there is to send', () => {
  const journal = new LiveJournal()
  const stream = new PassThrough()
  const viewer = new Viewer(stream, new Messages(journal), 0)
  pushSeconds(journal, 1, 1000)
  viewer.send()
  const held = heldIn(stream)
  expect(held).toBeLessThan(2 ** 16)
  for (let s = 1000; s < 15_000; s += 1000) {
    pushSeconds(journal, s + 1, s + 1000)
    viewer.send()
    journal.push({ kind: 'beats', atMs: s, kept: false, beats: { 'worker-1 7': beat(s) } })
    viewer.send()
  }
  expect(heldIn(stream)).toBe(held)
})

test('one that reads again after its place was dropped starts anew with how things stand', async () => {
  const journal = new LiveJournal({ items: 400, characters: 1e6 })
  const stream = new PassThrough()
  const viewer = new Viewer(stream, new Messages(journal), 0)
  journal.push({ kind: 'phase', atMs: 0, phase: 'load' })
  pushSeconds(journal, 1, 300)
  viewer.send()
  pushSeconds(journal, 301, 2000)
  viewer.send()
  viewer.end()
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  const parts = text.split('event: start\n')
  expect(parts.length).toBe(3)
  expect(parts[2]).toContain('"phase":"load"')
  const seconds = [...(parts[2] ?? '').matchAll(/"elapsedS":(\d+)/g)].map(([, second]) => Number(second))
  expect(seconds).toEqual(Array.from({ length: 400 }, (_, place) => 1601 + place))
})

test('viewers at the same place are written the same bytes; one that lags gets its own', () => {
  const journal = new LiveJournal()
  const messages = new Messages(journal)
  pushSeconds(journal, 1, 3)
  const one = messages.after(2, null)
  expect(messages.after(2, null)?.bytes).toBe(one?.bytes)
  expect(messages.after(3, null)?.bytes.toString()).not.toContain('"elapsedS":2,')
  expect(messages.after(4, null)).toBe(null)
  journal.push({ kind: 'beats', atMs: 4, kept: false, beats: { 'worker-1 7': beat(4) } })
  const beats = messages.after(4, null)
  expect(beats?.bytes.toString()).toBe(`event: beats\ndata: [${journal.beats}]\n\n`)
  expect(messages.after(4, beats?.beats ?? null)).toBe(null)
})
