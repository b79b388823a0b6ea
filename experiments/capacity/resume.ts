import { needsEnvironment, versionText } from '../../cluster/runnable.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { readCapacityRecord } from '../../store/capacity-folder.ts'
import type { CapacityExperiment, CapacityRecord } from '../../store/capacity-record.ts'
import { codeSource, GivenOptions } from '../options/given.ts'
import { requireResumable } from '../resume.ts'

/** A run to go on with: its options, and what of it is finished. */
export interface ResumedRun {
  readonly given: GivenOptions
  readonly resumed: CapacityRecord
}

/** Reads a run of an experiment to go on with; throws RESULT_INVALID when that cannot be. */
export function resumeMeasuring(dir: string, experiment: CapacityExperiment): ResumedRun {
  const resumed = readCapacityRecord(dir)
  const { manifest } = resumed
  if (manifest.experiment !== experiment) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected a run of \`${experiment}\`, got ${resumed.dir}, a run of \`${manifest.experiment}\`.`,
      hint: `Go on with: npx forkwise ${manifest.experiment} --resume ${resumed.dir}`,
    })
  }
  const { node, app } = manifest.options
  const environment = needsEnvironment(typeof node === 'string' ? node : null)
  const apps = typeof app === 'string' ? [app] : []
  requireResumable(resumed.dir, manifest, machineFacts(versionText(environment)), apps)
  return { given: GivenOptions.of(manifest.options, codeSource()), resumed }
}
