import { RECORD } from './record.ts'

/** Options of `lab` alone. */
export const EXPERIMENT = {
  name: {
    schema: { type: 'string', minLength: 1, title: 'the name of a lab' },
    help: 'The lab; `all` for every one, `class` for a page of many runs. None: the list of labs.',
    line: { value: 'NAME', words: 'argument' },
  },
  predict: {
    schema: { type: 'string', minLength: 1 },
    help: 'What you predict, e.g. thread=turns,inline=freezes; the other questions stay unanswered.',
    alternative: 'prediction',
    line: { value: 'question=answer,…' },
  },
  noPredict: {
    schema: { type: 'boolean' },
    help: 'Ask nothing. Without a terminal nothing is asked either.',
    alternative: 'prediction',
    line: { words: 'flag' },
  },
  quick: {
    schema: { type: 'boolean' },
    help: 'Fewer repetitions: each lab in about 20 s.',
    line: { words: 'flag' },
  },
  set: {
    schema: { type: 'array', items: { type: 'string', pattern: '^[^=]+=.*$', title: 'name=value' } },
    help: 'Change the one thing that a lab lets you change (the end of its report names it), e.g. --set seconds=3.',
    line: { value: 'name=value', words: 'each' },
  },
} as const

/** The options of `lab`. */
export const LAB: typeof EXPERIMENT & typeof RECORD = { ...EXPERIMENT, ...RECORD }
