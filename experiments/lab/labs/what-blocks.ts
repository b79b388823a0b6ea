import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { LabCell, LabClaim, LabTone, MatrixPicture } from '../../../core/lab-record.ts'
import { listText } from '../figure-text.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import { hereText, type LabPart } from '../telling.ts'

/** The calls of what-blocks-calls.ts by kind, in the order of the table. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  files: ['fs.readFileSync', 'fs.readFile', 'fs.promises.readFile', 'fs.statSync', 'fs.promises.stat'],
  crypto: [
    'crypto.pbkdf2Sync',
    'crypto.pbkdf2',
    'crypto.scryptSync',
    'crypto.scrypt',
    'crypto.subtle.digest',
    'crypto.randomBytes, sync',
    'crypto.randomBytes, callback',
    'zlib.gzipSync',
    'zlib.gzip',
  ],
  network: ['dns.lookup', 'dns.resolve', 'net.connect', 'http.get'],
  processes: ['child_process.execFileSync', 'child_process.execFile', 'Worker that computes'],
  JavaScript: ['JSON.parse', 'JSON.stringify', 'RegExp.test', 'structuredClone', 'Buffer.from, a copy'],
  turns: [
    'setTimeout',
    'setImmediate, a chain',
    'process.nextTick, a chain',
    'promises, a chain',
    'Atomics.wait',
    'Atomics.waitAsync',
  ],
}

/** Those that the reader is asked about. */
const ASKED: readonly string[] = [
  'fs.promises.readFile',
  'crypto.pbkdf2',
  'dns.lookup',
  'JSON.parse',
  'structuredClone',
  'promises, a chain',
  'setImmediate, a chain',
  'Atomics.wait',
]

const STANDING: readonly string[] = [
  'fs.readFileSync',
  'fs.statSync',
  'crypto.pbkdf2Sync',
  'crypto.scryptSync',
  'crypto.randomBytes, sync',
  'zlib.gzipSync',
  'child_process.execFileSync',
  'Atomics.wait',
  ...(KINDS['JavaScript'] ?? []),
]
const MICROTASKS: readonly string[] = ['process.nextTick, a chain', 'promises, a chain']
const SHARING: readonly string[] = [
  'fs.readFile',
  'fs.promises.readFile',
  'fs.promises.stat',
  'crypto.pbkdf2',
  'crypto.scrypt',
  'crypto.subtle.digest',
  'crypto.randomBytes, callback',
  'zlib.gzip',
  'dns.lookup',
]
const WITHOUT_THREADS: readonly string[] = ['dns.resolve', 'net.connect', 'http.get', 'setTimeout', 'Atomics.waitAsync']

/** The claim about whether a call keeps the event loop standing; none for a call of which nothing is claimed. */
function claimsAbout(name: string): readonly string[] {
  if (STANDING.includes(name) || MICROTASKS.includes(name)) return ['sync-stands']
  return SHARING.includes(name) || WITHOUT_THREADS.includes(name) ? ['async-turns'] : []
}

/** A loop that stood for so large a share of a call stands; a core that was busy for such a share computes. */
const STANDS = 0.8
const COMPUTES = 0.25

/** Lab 13: what calls of Node keep busy. */
export const lab: Lab = {
  id: 'what-blocks',
  number: 13,
  title: 'What blocks?',
  source: 'Node’s guides “Don’t block the event loop (or the worker pool)”, measured call by call',
  question: 'Which of these calls keep everything else on the thread waiting until they are done?',
  asks: ASKED.map((name) => ({
    id: name,
    label: name,
    kind: 'choice',
    choices: ['blocks', 'does not block'],
    claims: claimsAbout(name),
  })),
  misconception: 'asynchronous means free',
  endedBy: ['share-threads'],
  figures: {
    tookMs: { title: 'took', unit: 'ms' },
    stoodPercent: { title: 'loop stood', unit: '%' },
    cpuPercent: { title: 'core busy', unit: '%' },
  },
  change: {
    name: 'runs',
    help: 'How often each call is timed.',
    schema: { type: 'integer', minimum: 1, maximum: 10 },
    default: 2,
    example: 5,
  },
  extent: { quick: { repeats: 1, expectedS: 20 }, full: { repeats: 3, expectedS: 58 } },
  programs: ['what-blocks-node.ts', 'what-blocks-calls.ts'],
  cases: ({ change }) =>
    Object.values(KINDS)
      .flat()
      .map((name) => callCase(name, Number(change))),
  outcomes: ({ figures }) =>
    Object.fromEntries(
      ASKED.map((name) => {
        const loop = figures.word(name, 'loop')
        return [name, loop === null ? null : loop === 'stands' ? 'blocks' : 'does not block']
      }),
    ),
  claims: ({ figures }) => [
    seenClaim(figures, 'sync-stands', {
      names: [...STANDING, ...MICROTASKS],
      key: 'loop',
      word: 'stands',
      says: 'Synchronous calls, computing and chains of promises keep the event loop standing.',
      did: ['kept it standing', 'let it turn'],
    }),
    seenClaim(figures, 'async-turns', {
      names: [...SHARING, ...WITHOUT_THREADS],
      key: 'loop',
      word: 'turns',
      says: 'Asynchronous calls let the event loop turn.',
      did: ['let it turn', 'kept it standing'],
    }),
    seenClaim(figures, 'share-threads', {
      names: SHARING,
      key: 'threads',
      word: 'needs one',
      says: 'Files, crypto, zlib and `dns.lookup` wait for a thread of libuv.',
      did: ['waited while all of them were held', 'ended all the same'],
    }),
    seenClaim(figures, 'need-no-thread', {
      names: WITHOUT_THREADS,
      key: 'threads',
      word: 'needs none',
      says: 'Sockets, `dns.resolve` and timers need no thread of libuv.',
      did: ['ended while all of them were held', 'waited'],
    }),
    seenClaim(figures, 'only-waits', {
      names: [...WITHOUT_THREADS, 'Atomics.wait'],
      key: 'core',
      word: 'waits',
      says: 'Sockets, timers and waiting keep no core busy.',
      did: ['kept none busy', 'kept one busy'],
    }),
  ],
  explain,
  pictures: ({ figures }) => [matrix(figures)],
  servers: {
    text: 'A handler that blocks stops every request of its process; one that needs a thread of libuv shares four of them with all others.',
    line: 'npx forkwise compare --models single,cluster,worker-pool --workloads mixed --quick',
  },
}

function callCase(name: string, runs: number): LabCase {
  return {
    id: name,
    name,
    language: 'node',
    measure: async (context) => {
      const { result } = await context.run('what-blocks-node.ts', { call: name, runs }, { limitS: 60 })
      const [tookMs = 0, stoodShare = 0, cpuShare = 0] = ['tookMs', 'stoodShare', 'cpuShare'].map((key) =>
        Number(result[key]),
      )
      return {
        figures: { tookMs, stoodPercent: 100 * Math.min(1, stoodShare), cpuPercent: 100 * cpuShare },
        words: {
          loop: stoodShare > STANDS ? 'stands' : 'turns',
          threads: result['needsThreads'] === true ? 'needs one' : 'needs none',
          core: cpuShare > COMPUTES ? 'computes' : 'waits',
        },
      }
    },
  }
}

/** What is said of some calls, and how they were seen. */
interface SeenCalls {
  readonly names: readonly string[]
  readonly key: string
  readonly word: string
  readonly says: string
  /** What those did that were seen so, and what the others did. */
  readonly did: readonly [as: string, otherwise: string]
}

/** Confirmed when every call was seen as said; the sentence names those that were and those that were not. */
function seenClaim(figures: LabFigures, id: string, { names, key, word, says, did }: SeenCalls): LabClaim {
  const seen = figures.seen(names, key)
  const things = names.map((name) => {
    const own = figures.word(name, key)
    return { name: `\`${name}\``, did: own === null ? null : did[own === word ? 0 : 1] }
  })
  return { id, outcome: judgeSeen(seen.map((each) => each === word)), sentence: `${says} ${hereText(things)}` }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const all = figures.cells.map(({ id }) => id)
  const where = (key: string, word: string): readonly string[] => all.filter((id) => figures.word(id, key) === word)
  const standing = where('loop', 'stands')
  const sharing = where('threads', 'needs one')
  const free = where('threads', 'needs none').filter((id) => figures.word(id, 'loop') === 'turns')
  const these = (ids: readonly string[]): string => (ids.length === 0 ? '' : `, namely ${quoted(ids)}`)
  return [
    {
      measured: `Of ${all.length} calls, ${standing.length} kept the event loop standing while they were under way${these(standing)}`,
      so: 'it is not the name of a call that says whether it blocks, but what it does on the thread',
      claims: ['sync-stands'],
    },
    {
      measured: `${sharing.length} needed a thread of libuv${these(sharing)}`,
      so: 'they let the event loop turn and still wait for one another',
      claims: ['async-turns', 'share-threads'],
    },
    {
      measured: `${free.length} needed neither${these(free)}`,
      so: 'for sockets and timers the kernel waits',
      claims: ['need-no-thread', 'only-waits'],
    },
  ]
}

function quoted(names: readonly string[]): string {
  return listText(names.map((name) => `\`${name}\``))
}

function matrix(figures: LabFigures): MatrixPicture {
  return {
    kind: 'matrix',
    id: 'calls',
    title: 'What each call keeps busy',
    note: 'The event loop stands or turns; a thread of libuv is needed or not; a core computes, or the kernel waits for something.',
    columns: ['event loop', 'thread of libuv', 'core'],
    short: { columns: ['loop', 'libuv', 'core'], legend: 'loop is the event loop, libuv a thread of libuv.' },
    rows: Object.entries(KINDS).flatMap(([group, names]) =>
      names.flatMap((name) => {
        const cell = figures.cell(name)
        return cell === null ? [] : [{ name, group, cells: marksOf(cell, figures) }]
      }),
    ),
  }
}

function marksOf({ id }: LabCell, figures: LabFigures): MatrixPicture['rows'][number]['cells'] {
  const tones: Readonly<Record<string, LabTone>> = {
    stands: 'bad',
    'needs one': 'busy',
    computes: 'busy',
    turns: 'good',
  }
  return ['loop', 'threads', 'core'].map((key) => {
    const text = figures.word(id, key) ?? 'not measured'
    return { text, tone: tones[text] ?? 'plain' }
  })
}
