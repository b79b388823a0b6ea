import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { toolFile } from '../../../../cluster/tools.ts'
import { compiled } from '../../../../core/paths.ts'
import { lab } from '../../../../experiments/lab/labs/what-blocks.ts'
import type { LabContext } from '../../../../experiments/lab/lab.ts'

const NEWER_NODE = toolFile('node/bin/node')
const NODES = [
  { name: `Node ${process.versions.node}`, path: process.execPath },
  { name: 'Node 24, where `forkwise setup` has put it', path: NEWER_NODE },
]

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
  'child_process.execFileSync': 'stands, needs none, waits',
  'child_process.execFile': 'turns, needs none, waits',
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

describe.each(NODES)('$name', ({ path }) => {
  test.skipIf(!existsSync(path))('every call keeps busy what the matrix says', async () => {
    const seen: Record<string, string> = {}
    for (const one of lab.cases({ quick: true, change: 2, cores: 2, lacks: [] })) {
      const { words = {} } = await one.measure({
        run: (_: string, argument: object) => run(path, argument),
      } as LabContext)
      seen[one.id] = `${words['loop']}, ${words['threads']}, ${words['core']}`
    }
    expect(seen).toEqual(MARKS)
  })
})

async function run(node: string, argument: object): ReturnType<LabContext['run']> {
  const program = compiled('experiments/lab/programs/what-blocks-node.js')
  const { stdout } = await promisify(execFile)(node, [program, JSON.stringify(argument)], { timeout: 60_000 })
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  const ending = { exitCode: 0, killedBy: null, timedOut: false, stderr: '', wallMs: 0 }
  return { events: [], arrivedMs: [], result, ...ending }
}
