/** What makes a run repeatable, and where it is kept. */
export const RECORD = {
  seed: {
    schema: { type: 'integer', minimum: 0, maximum: 4294967295 },
    help: 'Makes order and arrivals repeatable.',
    otherwise: 'random',
    line: { value: 'n' },
  },
  out: {
    schema: { type: 'string', minLength: 1 },
    help: 'Folder for the results; it must be new or empty.',
    otherwise: 'results/<time>',
    path: 'file',
    line: { value: 'dir' },
  },
} as const
