import { expect, test } from 'vitest'
import { CpuLedger, type CpuReading } from '../../loadtest/cpu-ledger.ts'

/** Counters by pid: parent, own seconds, seconds of its dead children; born before the first look unless `birth` says so. */
type Table = Readonly<Record<number, readonly [ppid: number, ownS: number, childrenS?: number, birth?: string]>>

/** A ledger that has looked at each of these tables, all their processes each time. */
function ledgerOver(...tables: readonly Table[]): CpuLedger {
  let table: Table = {}
  const ledger = new CpuLedger((pid): CpuReading | null => {
    const row = table[pid]
    if (row === undefined) return null
    const [ppid, ownS, childrenS = 0, birth = '100'] = row
    return { ppid, birth, ownS, threadsS: null, childrenS }
  }, 1000)
  for (table of tables) ledger.look(Object.keys(table).map(Number))
  return ledger
}

function usedOf(ledger: CpuLedger): Record<number, number> {
  return Object.fromEntries([...ledger.used()].map(([pid, seconds]) => [pid, Math.round(seconds * 1000) / 1000]))
}

test('a process that lives all the time has used the difference', () => {
  expect(usedOf(ledgerOver({ 1: [0, 5] }, { 1: [0, 6.5] }))).toEqual({ 1: 1.5 })
})

test('one that was born meanwhile has used all that it has', () => {
  expect(usedOf(ledgerOver({ 1: [0, 5] }, { 1: [0, 5], 2: [1, 0.7, 0, '1001'] }))).toEqual({ 1: 0, 2: 0.7 })
})

test('one that was born before and found late has used what it used since it was found', () => {
  expect(usedOf(ledgerOver({}, { 2: [1, 9] }, { 2: [1, 9.5] }))).toEqual({ 2: 0.5 })
})

test('what was born and waited for between two looks is in its parent’s account', () => {
  expect(usedOf(ledgerOver({ 1: [0, 1] }, { 1: [0, 1, 0.8] }))).toEqual({ 1: 0.8 })
})

test('of one that was waited for, what it had used before is not counted again', () => {
  // It had used 20 s, used 0.5 more, ended, and its parent waited for it.
  const ledger = ledgerOver({ 1: [0, 1], 2: [1, 20] }, { 1: [0, 1.1, 20.5] })
  expect(usedOf(ledger)).toEqual({ 1: 0.6 })
  expect(ledger.lostS()).toBe(0)
})

test('a whole branch that ends is counted once, through the nearest ancestor that lives', () => {
  const before: Table = { 1: [0, 1], 2: [1, 10], 3: [2, 5] }
  // 3 ended with 5.3 s, 2 waited for it and ended with 10.2 s of its own, 1 waited for that.
  expect(usedOf(ledgerOver(before, { 1: [0, 1, 15.5] }))).toEqual({ 1: 0.5 })
  // The same with a look in between.
  expect(usedOf(ledgerOver(before, { 1: [0, 1], 2: [1, 10.1, 5.3] }, { 1: [0, 1, 15.5] }))).toEqual({ 1: 0.5 })
})

test('an orphan that ends has used what it had used when it was last looked at', () => {
  const orphaned = ledgerOver({ 1: [0, 1], 2: [1, 10] }, { 1: [0, 1], 2: [999, 10.4] }, { 1: [0, 1] })
  expect(usedOf(orphaned)).toEqual({ 1: 0 })
  expect(orphaned.lostS()).toBeCloseTo(0.4)
})

test('what a parent has waited for cannot be more than its children’s time has grown by', () => {
  // 2 ended before its child 3: 1 waited for 2 alone.
  const ledger = ledgerOver({ 1: [0, 1], 2: [1, 2], 3: [2, 50] }, { 1: [0, 1, 2.3] })
  expect(usedOf(ledger)).toEqual({ 1: 0.3 })
  expect(ledger.lostS()).toBe(0)
})

test('a pid that is used again is another process', () => {
  const ledger = ledgerOver({ 1: [0, 1], 2: [1, 10] }, { 1: [0, 1, 10.2], 2: [1, 0.1, 0, '1500'] })
  expect(usedOf(ledger)).toEqual({ 1: 0.2, 2: 0.1 })
})

test.each([
  ['exact counters of the living threads decide', 2.004, 1.004],
  ['unless a thread has ended', 1.2, 1.01],
])('%s', (_, threadsS, used) => {
  let reading: CpuReading = { ppid: 0, birth: '1', ownS: 1, threadsS: 1, childrenS: 0 }
  const ledger = new CpuLedger(() => reading, 1000)
  ledger.look([1])
  reading = { ...reading, ownS: 2.01, threadsS }
  ledger.look([1])
  expect(ledger.used().get(1)).toBeCloseTo(used, 5)
})
