import type { AppFindings } from '../../cluster/app-inspection.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import type { Manifest } from '../../core/records.ts'
import { type JudgedModel, judgeModelsOnNodes, needsEnvironment, unmetText } from '../../cluster/runnable.ts'
import type { OptionReader } from '../options.ts'

/** Models compared when none are named. */
export const DEFAULT_MODELS = ['single', 'cluster', 'pm2-fork', 'worker-pool'] as const

/** The models that a comparison was asked for. */
export interface WantedModels {
  /** Ids as asked for, available or not. */
  readonly names: readonly string[]
  readonly models: readonly ServerModel[]
  /** The same with the Node of each. */
  readonly judged: readonly JudgedModel[]
  readonly unavailable: Manifest['unavailable']
}

/**
 * Reads `--models` and finds out which of them can run here; every problem is noted. Servers that run already come
 * after them. When only such servers know the paths to request (`--path` without `--app`), they alone are compared
 * unless models are named.
 */
export async function chooseModels(
  options: OptionReader,
  all: readonly ServerModel[],
  outside: readonly ServerModel[],
  problems: ProblemList,
  nodePath: string | null,
  findings: AppFindings | null,
): Promise<WantedModels> {
  const ids = all.map((model) => model.id)
  const outsideAlone = outside.length > 0 && options.text('app') === undefined && options.texts('path').length > 0
  const asked = options.list('models') ?? (outsideAlone ? [] : [...DEFAULT_MODELS])
  const names = asked.includes('all') ? ids : asked
  for (const name of names.filter((name) => !ids.includes(name))) {
    const problem = unknownName('a model', name, ids)
    problems.add(problem.message, problem.hint)
  }
  if (names.length === 0 && outside.length === 0)
    problems.add('Expected `--models` to name at least one model, got none.', `Known: ${ids.join(', ')}.`)
  const chosen = all.filter((model) => names.includes(model.id))
  const judged = (await judgeModelsOnNodes(chosen, nodePath, findings)).map(({ model, needs, node }) => ({
    model,
    needs: model.incomparable === undefined ? needs : [...needs, model.incomparable],
    node,
  }))
  const compared = [
    ...judged.filter(({ needs }) => needs.length === 0),
    ...outside.map((model) => ({ model, needs: [], node: needsEnvironment(nodePath) })),
  ]
  return {
    names: [...names, ...outside.map((model) => model.id)],
    models: compared.map(({ model }) => model),
    judged: compared,
    unavailable: judged
      .filter(({ needs }) => needs.length > 0)
      .map(({ model, needs }) => ({ model: model.id, ...unmetText(needs) })),
  }
}

/** Reads `--baseline`: `single` where it is compared, else the first model, unless told. */
export function chooseBaseline(options: OptionReader, { names }: WantedModels, problems: ProblemList): string {
  const asked = options.text('baseline')
  if (asked === undefined) return names.includes('single') ? 'single' : (names[0] ?? 'single')
  if (!names.includes(asked)) {
    const problem = unknownName('`--baseline` to be one of the models compared', asked, names)
    problems.add(problem.message, problem.hint)
  }
  return asked
}

/** Throws PART_MISSING when no model can run here, or the baseline cannot. */
export function requireSomeModels(wanted: WantedModels, baseline: string): void {
  const missing = wanted.unavailable.filter((entry) => wanted.models.length === 0 || entry.model === baseline)
  if (missing.length === 0) return
  throw new ForkwiseError(
    'PART_MISSING',
    missing.map((entry) => ({ message: `${entry.model} cannot run here: ${entry.reason}`, hint: entry.remedy })),
  )
}
