import { execFileSync } from 'node:child_process'
import type { NeedsEnvironment, ServerModel, UnmetNeed } from '../cluster/model.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'

/** A model and what it lacks here; nothing = it can run. */
export interface JudgedModel {
  readonly model: ServerModel
  readonly needs: readonly UnmetNeed[]
}

/** The Node that is to run the measured processes; throws USAGE when it is not a Node. */
export function needsEnvironment(nodePath: string | null): NeedsEnvironment {
  const version = nodePath === null ? process.version : versionOf(nodePath)
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  return {
    nodePath: nodePath ?? process.execPath,
    nodeVersion: [major, minor, patch],
    platform: process.platform,
  }
}

/** What each model lacks on this machine, for the built-in app or for the user's own. */
export function judgeModels(
  models: readonly ServerModel[],
  environment: NeedsEnvironment,
  ownApp: boolean,
): Promise<readonly JudgedModel[]> {
  return Promise.all(
    models.map(async (model) => {
      const needs = (await model.needs?.(environment)) ?? []
      return { model, needs: ownApp && model.runs !== 'any-node-app' ? [...needs, plainAppNeed(model)] : needs }
    }),
  )
}

/** Throws PART_MISSING, with every remedy, when a model cannot run here. */
export async function requireRunnable(
  model: ServerModel,
  environment: NeedsEnvironment,
  ownApp: boolean,
): Promise<void> {
  const [judged] = await judgeModels([model], environment, ownApp)
  if (judged === undefined || judged.needs.length === 0) return
  throw new ForkwiseError(
    'PART_MISSING',
    judged.needs.map((need) => ({ message: `${model.id} cannot run here: ${need.what}`, hint: need.remedy })),
  )
}

function plainAppNeed(model: ServerModel): UnmetNeed {
  return {
    what: `It hands CPU work to an executor (${model.executor}), which a plain app does not offer.`,
    remedy: 'Export the CPU handlers with defineHandler, or compare the models that only arrange processes.',
  }
}

function versionOf(nodePath: string): string {
  try {
    return execFileSync(nodePath, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim()
  } catch (thrown) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--node\` to be a Node binary, got ${nodePath}: ${messageOf(thrown)}.`,
      hint: 'Give the path of a node executable.',
    })
  }
}
