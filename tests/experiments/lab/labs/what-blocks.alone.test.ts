import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../../../cluster/session.ts'
import { lab } from '../../../../experiments/lab/labs/what-blocks.ts'
import { LAB_NODES, labContext } from '../program-runner.ts'

/** What is seen of each call: whether the loop stands, whether it needs a thread of libuv, whether a core computes. */
const MARKS = {
  'fs.readFileSync': 'stands, needs none, computes',
  'fs.readFile': 'turns, needs one, computes',
  'fs.promises.readFile': 'turns, needs one, computes',
  'fs.statSync': 'stands, needs none, computes',
  'fs.promises.stat': 'turns, needs one, computes',
  'crypto.pbkdf2Sync': 'stands, needs none, computes',
  'crypto.pbkdf2': 'turns, needs one, computes',
  'crypto.scryptSync': 'stands, needs none, computes',
  'crypto.scrypt': 'turns, needs one, computes',
  'crypto.subtle.digest': 'turns, needs one, computes',
  'crypto.randomBytes, sync': 'stands, needs none, computes',
  'crypto.randomBytes, callback': 'turns, needs one, computes',
  'zlib.gzipSync': 'stands, needs none, computes',
  'zlib.gzip': 'turns, needs one, computes',
  'dns.lookup': 'turns, needs one, computes',
  'dns.resolve': 'turns, needs none, waits',
  'net.connect': 'turns, needs none, waits',
  'http.get': 'turns, needs none, waits',
  // The fork takes about half of the time of so short a program: more or less, by Node and machine.
  'child_process.execFileSync': expect.stringMatching(/^stands, needs none, (waits|computes)$/) as string,
  'child_process.execFile': expect.stringMatching(/^turns, needs none, (waits|computes)$/) as string,
  'Worker that computes': 'turns, needs none, computes',
  'JSON.parse': 'stands, needs none, computes',
  'JSON.stringify': 'stands, needs none, computes',
  'RegExp.test': 'stands, needs none, computes',
  structuredClone: 'stands, needs none, computes',
  'Buffer.from, a copy': 'stands, needs none, computes',
  setTimeout: 'turns, needs none, waits',
  'setImmediate, a chain': 'turns, needs none, computes',
  'process.nextTick, a chain': 'stands, needs none, computes',
  'promises, a chain': 'stands, needs none, computes',
  'Atomics.wait': 'stands, needs none, waits',
  'Atomics.waitAsync': 'turns, needs none, waits',
}

let session: Session
beforeAll(async () => {
  session = await openSession()
})
afterAll(() => session.close())

describe.each(LAB_NODES)('$name', ({ path, lacking }) => {
  test.skipIf(lacking)('every call keeps busy what the matrix says', async () => {
    const context = { ...labContext(path, session), change: 2 }
    const seen: Record<string, string> = {}
    for (const one of lab.cases(context)) {
      const { words = {} } = await one.measure(context)
      seen[one.id] = `${words['loop']}, ${words['threads']}, ${words['core']}`
    }
    expect(seen).toEqual(MARKS)
  })
})
