import { expect, test } from 'vitest'
import { madeUpDesk } from './made-up-drill.ts'

test('a lever is pulled with a value that it may have, and stands there', async () => {
  const { desk, acts, stage } = madeUpDesk()
  expect(stage.levers.get('workers')).toBe('2')
  await expect(desk.pull('workers', '4')).resolves.toBe('it is 4')
  expect(stage.levers.get('workers')).toBe('4')
  expect(acts).toMatchObject([{ kind: 'lever', lever: 'workers', value: '4', text: 'it is 4', done: true }])
  await expect(desk.pull('reload', null)).resolves.toBe('reloaded')
})

test.each([
  ['workers', null, 'got none'],
  ['workers', '0', 'got "0"'],
  ['workers', '1.5', 'got "1.5"'],
  ['workers', 'many', 'got "many"'],
  ['reload', 'now', 'got "now"'],
])('%s %s is refused', (lever, value, words) => {
  const { desk, pulled } = madeUpDesk()
  expect(() => desk.pull(lever, value)).toThrow(words)
  expect(pulled).toEqual([])
})

test('a lever that does not exist is refused with the nearest', () => {
  expect(() => madeUpDesk().desk.pull('worker', '3')).toThrow('got "worker"')
})

test('levers are pulled one after the other', async () => {
  const ends: (() => void)[] = []
  const { desk, pulled } = madeUpDesk((value) => new Promise((resolve) => ends.push(() => resolve(value))))
  const [first, second] = [desk.pull('workers', '3'), desk.pull('workers', '4')]
  await new Promise((resolve) => setImmediate(resolve))
  expect(pulled).toEqual(['3'])
  ends[0]?.()
  await first
  await new Promise((resolve) => setImmediate(resolve))
  expect(pulled).toEqual(['3', '4'])
  ends[1]?.()
  await expect(second).resolves.toBe('4')
})

test('what a lever cannot do is told, noted, and does not keep others from being pulled', async () => {
  let fails = true
  const { desk, acts, stage } = madeUpDesk((value) => {
    if (!fails) return Promise.resolve(value)
    fails = false
    return Promise.reject(new Error('no room'))
  })
  await expect(desk.pull('workers', '3')).rejects.toThrow('no room')
  expect(stage.levers.get('workers')).toBe('2')
  await expect(desk.pull('workers', '4')).resolves.toBe('4')
  expect(acts).toMatchObject([{ done: false, text: 'no room' }, { done: true }])
})

test('there are three hints', () => {
  const { desk, acts } = madeUpDesk()
  expect([desk.hint(), desk.hint(), desk.hint()].map(({ text }) => text)).toEqual(['first', 'second', 'third'])
  expect(() => desk.hint()).toThrow('no more hints')
  expect(desk.status().hintsLeft).toBe(0)
  expect(acts).toHaveLength(3)
})

test('a diagnosis consists of the choices that there are', () => {
  const { desk, acts } = madeUpDesk()
  expect(() => desk.diagnose({ cause: 'the weather' })).toThrow('got "the weather"')
  expect(() => desk.diagnose({ colour: 'this' })).toThrow('"colour"')
  desk.diagnose({ cause: 'that' })
  expect(acts).toEqual([{ kind: 'diagnosed', answers: { cause: 'that' } }])
})

test('whoever waits for a judgement has it when it is there, or the last one when the drill is over', async () => {
  const { desk } = madeUpDesk()
  const judgement = (atS: number) => ({ outcome: 'not-yet', atS, clauses: [] }) as const
  const waiting = desk.judgementAfter(5)
  desk.judged(judgement(4))
  desk.judged(judgement(5))
  await expect(waiting).resolves.toEqual(judgement(5))
  const late = desk.judgementAfter(100)
  desk.judged(null)
  await expect(late).resolves.toEqual(judgement(5))
})
