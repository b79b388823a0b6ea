import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { LabClaim, LabEvent, LabLanguage, LabTone, MatrixPicture } from '../../../core/lab-record.ts'
import { needProgram } from '../../../cluster/programs.ts'
import { faultsOfApp, faultsOfQueue } from '../error-servers.ts'
import { listText } from '../figure-text.ts'
import type { Lab, LabCase, LabContext, LabEvidence, LabMeasurement } from '../lab.ts'
import { hereText, type LabPart, withArticle } from '../telling.ts'

interface Place {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  /** What was heard under each fault, by the name of the fault. */
  readonly words: (context: LabContext) => Promise<Readonly<Record<string, string>>>
}

/** The ways in which work goes wrong, as the programs call them, with the headings of the table. */
const NODE_FAULTS: Readonly<Record<string, string>> = {
  exception: 'exception',
  rejection: 'rejection',
  exit: 'process.exit',
  kill: 'SIGKILL',
}
const PYTHON_FAULTS: Readonly<Record<string, string>> = {
  exception: 'exception',
  'sys.exit': 'sys.exit',
  exit: 'os._exit',
  kill: 'SIGKILL',
}

/** Neither the caller nor the end of its process reports it. */
const NOBODY = 'nobody'
const DIES = 'process dies'

const PLACES: readonly Place[] = [
  node('awaited', 'awaited promise'),
  node('forgotten', 'promise nobody awaits'),
  node('listener', 'event handler'),
  node('timer', 'timer'),
  node('thread', 'worker thread'),
  node('thread-unwatched', 'worker thread, no listener'),
  node('piscina', 'Piscina task'),
  node('child', 'child process'),
  node('child-unwatched', 'child process, no listener'),
  node('cluster', 'cluster worker'),
  { id: 'pm2', name: 'PM2 app', language: 'node', words: (context) => faultsOfApp(context, Object.keys(NODE_FAULTS)) },
  {
    id: 'bullmq',
    name: 'BullMQ job',
    language: 'node',
    words: (context) => faultsOfQueue(context, Object.keys(NODE_FAULTS)),
  },
  python('thread', 'thread'),
  python('process', 'process, exit code asked'),
  python('process-unasked', 'process, not asked'),
  python('thread-pool', 'executor of threads'),
  python('process-pool', 'executor of processes'),
  python('awaited-task', 'awaited task'),
  python('forgotten-task', 'task nobody awaits'),
  python('callback', 'callback of the loop'),
]

/** Those that the reader is asked about. */
const ASKED: readonly string[] = ['forgotten', 'listener', 'timer', 'thread', 'child-unwatched', 'python-thread']

/** The claims about those, where there are some. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  forgotten: ['try-catches-nothing-later'],
  timer: ['try-catches-nothing-later'],
  listener: ['listeners-throw-at-once'],
  'child-unwatched': ['exits-reach-listeners-only'],
}

const CHOICES = ['the caller', 'nobody, and the process dies', 'nobody'] as const

/** Lab 12: who hears of it when work goes wrong. */
export const lab: Lab = {
  id: 'errors',
  number: 12,
  title: 'Who hears of it?',
  source: 'Errors in threads, processes and tasks: Fluent Python, 2nd edition, chapters 19 to 21, and Node beside it',
  question: 'Work throws an exception that it does not catch. Who hears of it, by the place where the work runs?',
  asks: ASKED.map((id) => ({
    id,
    label: PLACES.find((place) => place.id === id)?.name ?? id,
    kind: 'choice',
    choices: CHOICES,
    claims: ABOUT[id] ?? [],
  })),
  misconception: 'errors bubble up by themselves',
  endedBy: ['try-catches-nothing-later', 'exits-reach-listeners-only'],
  figures: {
    told: { title: 'faults the caller hears of, of four', unit: '' },
    died: { title: 'faults that end the caller’s process', unit: '' },
  },
  change: null,
  extent: { quick: { repeats: 1, expectedS: 20 }, full: { repeats: 2, expectedS: 58 } },
  isTimeless: true,
  programs: [
    'errors-node.ts',
    'errors-fault.ts',
    'errors-elsewhere.ts',
    'errors-handlers.ts',
    'errors-server.ts',
    'errors-python.py',
  ],
  lacks: () => needProgram('redis-server', 'redis-server'),
  cases: ({ lacks }) => PLACES.filter(({ id }) => id !== 'bullmq' || lacks.length === 0).map(placeCase),
  outcomes: ({ figures }) =>
    Object.fromEntries(
      ASKED.map((id) => {
        const word = figures.word(id, 'exception')
        return [id, word === null ? null : word === NOBODY ? CHOICES[2] : word === DIES ? CHOICES[1] : CHOICES[0]]
      }),
    ),
  claims: ({ figures }) => [
    claim(figures, 'forgotten-rejection-ends-node', {
      says: 'A rejection that nobody handles ends Node.',
      cells: [['forgotten', 'rejection']],
      isSo: isDeath,
    }),
    claim(figures, 'try-catches-nothing-later', {
      says: 'What a timer or a promise nobody awaits throws passes every `try` and ends the process.',
      cells: [
        ['timer', 'exception'],
        ['forgotten', 'exception'],
      ],
      isSo: isDeath,
    }),
    claim(figures, 'listeners-throw-at-once', {
      says: 'What an event handler throws reaches whoever made the event happen.',
      cells: [['listener', 'exception']],
      isSo: isHeard,
    }),
    claim(figures, 'exits-reach-listeners-only', {
      says: 'The end of a child process reaches those who listen for it, and nobody else.',
      cells: [
        ['child', 'exit'],
        ['child', 'kill'],
      ],
      isSo: isHeard,
      unheard: [
        ['child-unwatched', 'exit'],
        ['child-unwatched', 'kill'],
      ],
    }),
    claim(figures, 'a-pool-rejects', {
      says: 'A pool rejects the task in which something went wrong.',
      cells: [
        ['piscina', 'exception'],
        ['piscina', 'rejection'],
        ['piscina', 'exit'],
      ],
      isSo: isHeard,
    }),
    claim(figures, 'a-killed-thread-takes-all', {
      says: 'A signal that kills a thread kills its whole process.',
      cells: [
        ['thread', 'kill'],
        ['piscina', 'kill'],
      ],
      isSo: isDeath,
    }),
    ...(figures.cell('python-thread') === null
      ? []
      : [
          claim(figures, 'python-threads-go-on', {
            says: 'A thread of Python that throws ends alone, and nobody is told.',
            cells: [],
            isSo: isHeard,
            unheard: [['python-thread', 'exception']],
          }),
        ]),
  ],
  explain,
  pictures: ({ figures }) => [
    matrix(figures, 'node', 'Who hears of it in Node', NODE_FAULTS),
    ...(figures.cell('python-thread') === null
      ? []
      : [matrix(figures, 'python', 'Who hears of it in Python', PYTHON_FAULTS)]),
  ],
  servers: {
    text: 'Under a supervisor a worker that dies is replaced, and the requests it had in hand fail: how many, `resilience` counts.',
    line: 'npx forkwise resilience --models single,cluster,pm2-fork --quick',
  },
}

function node(id: string, name: string): Place {
  return { id, name, language: 'node', words: (context) => faultsOfProgram(context, 'errors-node.ts', id, NODE_FAULTS) }
}

function python(place: string, name: string): Place {
  return {
    id: `python-${place}`,
    name,
    language: 'python',
    words: (context) => faultsOfProgram(context, 'errors-python.py', place, PYTHON_FAULTS),
  }
}

function placeCase({ id, name, language, words }: Place): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context): Promise<LabMeasurement> => {
      const heard = await words(context)
      const all = Object.values(heard)
      return { figures: { told: all.filter(isHeard).length, died: all.filter(isDeath).length }, words: heard }
    },
  }
}

/** The program tries each fault in a process of its own, and says how that ended. */
async function faultsOfProgram(
  context: LabContext,
  program: string,
  place: string,
  faults: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { events } = await context.run(program, { place }, { limitS: 60 })
  return Object.fromEntries(Object.keys(faults).map((fault) => [fault, wordOf(events, fault)]))
}

function wordOf(events: readonly LabEvent[], fault: string): string {
  const own = events.filter(({ lane }) => lane === fault)
  const heard = own.find(({ kind }) => kind === 'heard')
  if (heard !== undefined) return `caller: ${heard['how']}`
  return own.some(({ kind, well }) => kind === 'ended' && well === true) ? NOBODY : DIES
}

function isHeard(word: string): boolean {
  return word.startsWith('caller')
}

function isDeath(word: string): boolean {
  return word === DIES
}

type Cell = readonly [place: string, fault: string]

/** What is said of some cells, and what must have been seen of them. */
interface SaidOfCells {
  readonly says: string
  readonly cells: readonly Cell[]
  readonly isSo: (word: string) => boolean
  /** Cells of which nobody must have heard. */
  readonly unheard?: readonly Cell[]
}

/** Confirmed when each of some cells was seen so, and each of others had nobody who heard. */
function claim(figures: LabFigures, id: string, { says, cells, isSo, unheard = [] }: SaidOfCells): LabClaim {
  const seenOf = (of: readonly Cell[], so: (word: string) => boolean): (readonly boolean[])[] =>
    of.map(([place, fault]) => figures.seen([place], fault).map(so))
  const seen = [...seenOf(cells, isSo), ...seenOf(unheard, (word) => word === NOBODY)]
  const things = [...cells, ...unheard].map(([place, fault]) => {
    const word = figures.word(place, fault)
    return {
      name: `${FAULT_PHRASES[fault]} in ${withArticle(spoken(place))}`,
      did: word === null ? null : didText(word),
    }
  })
  return {
    id,
    outcome: judgeSeen(seen.some(({ length }) => length === 0) ? [] : seen.flat()),
    sentence: `${says} ${hereText(things)}`,
  }
}

const FAULT_PHRASES: Readonly<Record<string, string>> = {
  exception: 'an exception',
  rejection: 'a rejection',
  exit: '`process.exit`',
  kill: 'SIGKILL',
}

/** A place in a sentence: without a comma, and with its language where that is Python. */
function spoken(id: string): string {
  const { name = id, language = 'node' } = PLACES.find((place) => place.id === id) ?? {}
  const text = name
    .replace(', no listener', ' without a listener')
    .replace(', exit code asked', ' whose exit code is asked for')
    .replace(', not asked', ' whose exit code nobody asks for')
  return language === 'python' ? `${text} of Python` : text
}

function didText(word: string): string {
  if (word === DIES) return 'ended the process'
  return word === NOBODY ? 'reached nobody' : `reached the caller (${word.replace(/^caller: /, '')})`
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const where = (language: LabLanguage, so: (word: string) => boolean): readonly string[] =>
    PLACES.filter((place) => place.language === language).flatMap(({ id }) => {
      const word = figures.word(id, 'exception')
      return word !== null && so(word) ? [withArticle(spoken(id).replace(/ of Python$/, ''))] : []
    })
  const part = (names: readonly string[], what: string, rest: Omit<LabPart, 'measured'> = {}): readonly LabPart[] =>
    names.length === 0 ? [] : [{ measured: `${what} ${listText(names)}`, ...rest }]
  return [
    ...part(where('node', isHeard), 'In Node, whoever wanted the work heard of an exception in'),
    ...part(where('node', isDeath), 'The whole process ended with one in', {
      so: 'no `try` of the caller is there any more when it is thrown',
      claims: ['try-catches-nothing-later'],
    }),
    ...part(
      where('node', (word) => word === NOBODY),
      'Nobody heard of one in',
      { so: 'the end of a child is told to those who listen', claims: ['exits-reach-listeners-only'] },
    ),
    ...part(where('python', isHeard), 'In Python, the caller heard of an exception in'),
    ...part(
      where('python', (word) => word === NOBODY),
      'The program of Python went on, and at most printed one, in',
      { so: 'a thread that throws ends alone', claims: ['python-threads-go-on'] },
    ),
  ]
}

function matrix(
  figures: LabFigures,
  language: LabLanguage,
  title: string,
  faults: Readonly<Record<string, string>>,
): MatrixPicture {
  return {
    kind: 'matrix',
    id: `heard-${language}`,
    title,
    note: 'Each cell is a program in which work went wrong in that way: who hears of it, or what became of the process.',
    columns: Object.values(faults),
    short: SHORT_FAULTS[language],
    rows: PLACES.filter((place) => place.language === language && figures.cell(place.id) !== null).map(
      ({ id, name }) => ({
        name,
        group: language === 'node' ? 'Node' : 'Python',
        cells: Object.keys(faults).map((fault) => {
          const text = figures.word(id, fault) ?? 'not measured'
          return { text, short: shortOf(text), tone: toneOf(text) }
        }),
      }),
    ),
  }
}

const SHORT_FAULTS: Readonly<Record<LabLanguage, NonNullable<MatrixPicture['short']>>> = {
  node: {
    columns: ['exc.', 'rej.', 'exit', 'kill'],
    legend:
      'exc. is an exception, rej. a rejection, exit `process.exit`, kill SIGKILL. Who hears: the caller, nobody; or the process dies.',
  },
  python: {
    columns: ['exc.', 'sys', 'os', 'kill'],
    legend:
      'exc. is an exception, sys `sys.exit`, os `os._exit`, kill SIGKILL. Who hears: the caller, nobody; or the process dies.',
  },
}

function shortOf(word: string): string {
  return isHeard(word) ? 'caller' : word === DIES ? 'dies' : word === NOBODY ? NOBODY : '–'
}

function toneOf(word: string): LabTone {
  return isHeard(word) ? 'good' : isDeath(word) ? 'bad' : word === NOBODY ? 'busy' : 'faint'
}
