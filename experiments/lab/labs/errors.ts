import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { LabClaim, LabEvent, LabLanguage, LabTone, MatrixPicture } from '../../../core/lab-record.ts'
import { needProgram } from '../../../cluster/programs.ts'
import { faultsOfApp, faultsOfQueue } from '../error-servers.ts'
import { listText } from '../figure-text.ts'
import type { Lab, LabCase, LabContext, LabEvidence, LabMeasurement } from '../lab.ts'

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
  })),
  misconception: 'errors bubble up by themselves',
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
    claim(figures, 'forgotten-rejection-ends-node', [['forgotten', 'rejection']], isDeath),
    claim(
      figures,
      'try-catches-nothing-later',
      [
        ['timer', 'exception'],
        ['forgotten', 'exception'],
      ],
      isDeath,
    ),
    claim(figures, 'listeners-throw-at-once', [['listener', 'exception']], isHeard),
    claim(
      figures,
      'exits-reach-listeners-only',
      [
        ['child', 'exit'],
        ['child', 'kill'],
      ],
      isHeard,
      [
        ['child-unwatched', 'exit'],
        ['child-unwatched', 'kill'],
      ],
    ),
    claim(
      figures,
      'a-pool-rejects',
      [
        ['piscina', 'exception'],
        ['piscina', 'rejection'],
        ['piscina', 'exit'],
      ],
      isHeard,
    ),
    claim(
      figures,
      'a-killed-thread-takes-all',
      [
        ['thread', 'kill'],
        ['piscina', 'kill'],
      ],
      isDeath,
    ),
    ...(figures.cell('python-thread') === null
      ? []
      : [claim(figures, 'python-threads-go-on', [], isHeard, [['python-thread', 'exception']])]),
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

/** Confirmed when each of some cells was seen so, and each of others had nobody who heard. */
function claim(
  figures: LabFigures,
  id: string,
  cells: readonly Cell[],
  isSo: (word: string) => boolean,
  unheard: readonly Cell[] = [],
): LabClaim {
  const seenOf = (of: readonly Cell[], so: (word: string) => boolean): boolean[] =>
    of.flatMap(([place, fault]) => (figures.cell(place)?.words[fault] ?? []).map(so))
  const parts = [...cells, ...unheard].map(
    ([place, fault]) =>
      `${figures.cell(place)?.name ?? place}, ${NODE_FAULTS[fault] ?? PYTHON_FAULTS[fault]}: ${figures.word(place, fault) ?? 'not measured'}`,
  )
  return {
    id,
    outcome: judgeSeen([...seenOf(cells, isSo), ...seenOf(unheard, (word) => word === NOBODY)]),
    sentence: `${parts.join('; ')}.`,
  }
}

function explain({ figures }: LabEvidence): string {
  const where = (language: LabLanguage, so: (word: string) => boolean): readonly string[] =>
    PLACES.filter((place) => place.language === language).flatMap(({ id, name }) => {
      const word = figures.word(id, 'exception')
      return word !== null && so(word) ? [name] : []
    })
  const sentence = (names: readonly string[], rest: string): string[] =>
    names.length === 0 ? [] : [`${rest}: ${listText(names)}.`]
  return [
    ...sentence(where('node', isHeard), 'In Node, whoever wanted the work heard of an exception here'),
    ...sentence(where('node', isDeath), 'It ended the whole process here, past every try'),
    ...sentence(
      where('node', (word) => word === NOBODY),
      'Nobody heard of it here',
    ),
    ...sentence(where('python', isHeard), 'In Python, the caller heard of an exception here'),
    ...sentence(
      where('python', (word) => word === NOBODY),
      'It was printed at most, and the program went on, here',
    ),
  ].join(' ')
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
    rows: PLACES.filter((place) => place.language === language && figures.cell(place.id) !== null).map(
      ({ id, name }) => ({
        name,
        group: language === 'node' ? 'Node' : 'Python',
        cells: Object.keys(faults).map((fault) => {
          const text = figures.word(id, fault) ?? 'not measured'
          return { text, tone: toneOf(text) }
        }),
      }),
    ),
  }
}

function toneOf(word: string): LabTone {
  return isHeard(word) ? 'good' : isDeath(word) ? 'bad' : word === NOBODY ? 'busy' : 'faint'
}
