import { ForkwiseError, messageOf } from '../core/errors.ts'

/** The error of a results folder that cannot be written: FOLDER_UNWRITABLE, with what the system said. */
export function unwritable(path: string, thrown: unknown): ForkwiseError {
  return new ForkwiseError(
    'FOLDER_UNWRITABLE',
    {
      message: `Expected to be able to write results to ${path}, got: ${messageOf(thrown)}.`,
      hint: 'Make room or allow writing there; a run goes to another folder with `--out DIR`.',
    },
    { cause: thrown },
  )
}
