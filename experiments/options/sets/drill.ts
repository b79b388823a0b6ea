import { RECORD } from './record.ts'

/** Options of `drill` alone. */
export const EXPERIMENT = {
  name: {
    schema: { type: 'string', minLength: 1, title: 'the name of a drill' },
    help: 'The drill, or what to do in one that runs. None: the list of drills.',
    line: { value: 'NAME', words: 'argument' },
  },
  fast: {
    schema: { type: 'boolean' },
    help: 'A healthy time of some seconds instead of a minute, and a goal over 6 s instead of 20.',
    line: { words: 'flag' },
  },
  reveal: {
    schema: { type: 'boolean' },
    help: 'Show the fault from the beginning: for teachers. There is no score then.',
    line: { words: 'flag' },
  },
  level: {
    schema: { type: 'integer', minimum: 1, maximum: 3 },
    help: 'With the list: only the drills of this level, 1 being where to begin.',
    line: { value: 'n' },
  },
  run: {
    schema: { type: 'string', minLength: 1 },
    help: 'Which of several drills that run is meant: its name, its run or its pid.',
    line: { value: 'name' },
  },
  noQuestions: {
    schema: { type: 'boolean' },
    help: 'Do not ask for the diagnosis. Without a terminal it is not asked for either.',
    line: { words: 'flag' },
  },
  noReferences: {
    schema: { type: 'boolean' },
    help: 'Do not record what doing nothing and the reference fix cost on this machine; there are no points then.',
    line: { words: 'flag' },
  },
} as const

/** The options of `drill`. */
export const DRILL: typeof EXPERIMENT & typeof RECORD = { ...EXPERIMENT, ...RECORD }
