import cluster from 'node:cluster'
import { syncBuiltinESMExports } from 'node:module'
import { ForkwiseError } from '../../core/errors.ts'
import { exitWithStartError } from '../start-error.ts'

/**
 * An app that forks workers by node:cluster is a server model of its own: under any other it would fork in each worker, or
 * in some models only. When the app tries, this process ends with APP_INVALID before anything is forked.
 */
export function forbidForks(file: string): void {
  if (!cluster.isPrimary) return
  cluster.fork = () =>
    exitWithStartError(
      new ForkwiseError('APP_INVALID', {
        message: `Expected the app ${file} to be one server; it forks workers of its own by node:cluster, so every model would run its arrangement instead of theirs.`,
        hint: 'Give the file that a worker runs. To measure the arrangement as it is, give its command: `--models single --start "node FILE"`; or start it yourself and name it with `--url`.',
      }),
    )
  syncBuiltinESMExports()
}
