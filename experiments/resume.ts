import { statSync } from 'node:fs'
import { ProblemList, ForkwiseError } from '../core/errors.ts'
import type { MachineFacts } from '../core/machine.ts'
import { forkwiseVersion } from '../core/version.ts'
import { isComplete } from '../store/folder-kind.ts'

/** Under what a run was begun. */
export interface RunConditions {
  readonly machine: MachineFacts
  readonly forkwiseVersion: string
  /** When, as an ISO time. */
  readonly createdAt: string
}

/**
 * Throws RESULT_INVALID when a run cannot be gone on with: it is complete, or it was begun on another machine, another
 * Node or by another version of Forkwise, or a file of `apps` was changed since. `here`: this machine, with the Node that
 * would run the servers.
 */
export function requireResumable(
  dir: string,
  begun: RunConditions,
  here: MachineFacts,
  apps: readonly string[] = [],
): void {
  if (isComplete(dir)) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected a run that stopped before its end, got ${dir}, which is complete.`,
      hint: `Read it: npx forkwise report ${dir}`,
    })
  }
  const { machine } = begun
  const problems = new ProblemList()
  const version = forkwiseVersion()
  if (here.id !== machine.id) {
    problems.add(
      `Expected the machine the run was begun on (${machine.cpu}, ${machine.cores} cores), got ${here.cpu}, ${here.cores} cores.`,
      'Measurements of two machines cannot be put together. Start a new run here.',
    )
  }
  if (here.node !== machine.node) {
    problems.add(
      `Expected the Node the run was begun with (${machine.node}), got ${here.node}.`,
      'Go on with that Node, or start a new run.',
    )
  }
  if (version !== begun.forkwiseVersion) {
    problems.add(
      `Expected the version of Forkwise the run was begun with (${begun.forkwiseVersion}), got ${version}.`,
      'Go on with that version, or start a new run.',
    )
  }
  for (const app of new Set(apps)) {
    const changedMs = statSync(app, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (changedMs <= Date.parse(begun.createdAt)) continue
    problems.add(
      `Expected the app ${app} as it was when the run was begun (${begun.createdAt}), got one that was changed at ${new Date(changedMs).toISOString()}.`,
      'Measurements of two programs cannot be put together. Start a new run.',
    )
  }
  problems.throwIfAny('RESULT_INVALID')
}
