import type { AppFindings } from '../../cluster/app-inspection.ts'
import type { NeedsEnvironment, ServerModel, UnmetNeed } from '../../cluster/model.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import type { Manifest } from '../../core/records.ts'
import { type JudgedModel, judgeModelsOnNodes, unmetText } from '../../cluster/runnable.ts'
import type { GivenOptions } from '../options/given.ts'

/** The models that a comparison was asked for. */
export interface ResolvedModels {
  /** Ids as asked for, available or not. */
  readonly names: readonly string[]
  readonly models: readonly ServerModel[]
  /** The same with the Node of each. */
  readonly judged: readonly JudgedModel[]
  readonly unavailable: Manifest['unavailable']
}

/** The models that are named, in the order of their names; `all` stands for each. Names that do not exist are noted. */
export function pickModels(
  named: 'all' | readonly string[],
  all: readonly ServerModel[],
  given: GivenOptions,
  problems: ProblemList,
): readonly ServerModel[] {
  if (named === 'all' || named.includes('all')) return all
  const ids = all.map((model) => model.id)
  for (const name of named.filter((each) => !ids.includes(each))) {
    const { message, hint } = unknownName(`a model in \`${given.name('models')}\``, name, ids)
    problems.add(message, hint)
  }
  return [...new Set(named)].flatMap((name) => all.filter(({ id }) => id === name))
}

/** The model that is named; null, with the problem noted, when it does not exist. */
export function pickModel(
  name: string,
  all: readonly ServerModel[],
  given: GivenOptions,
  problems: ProblemList,
  option: string = given.name('model'),
): ServerModel | null {
  const found = all.find(({ id }) => id === name)
  if (found !== undefined) return found
  const { message, hint } = unknownName(
    `a model in \`${option}\``,
    name,
    all.map(({ id }) => id),
  )
  problems.add(message, hint)
  return null
}

/** A model or variant to compare, with what decides whether it can run here. */
export interface Candidate {
  readonly model: ServerModel
  readonly nodePath: string | null
  /** What its app offers; null for the built-in one. */
  readonly findings: AppFindings | null
}

/** The models that a comparison measures for those that were chosen, and in words which of these it measures as another. */
export function comparableModels(
  chosen: readonly ServerModel[],
  all: readonly ServerModel[],
): { readonly models: readonly ServerModel[]; readonly replaced: Manifest['unavailable'] } {
  const replaced = chosen.flatMap(({ id, comparedAs }) => (comparedAs === undefined ? [] : [{ id, comparedAs }]))
  const ids = chosen.map((model) => comparedId(model.id, all))
  return {
    models: [...new Set(ids)].flatMap((id) => all.filter((model) => model.id === id)),
    replaced: replaced.map(({ id, comparedAs }) => ({
      model: id,
      reason: `It answers a request that computes with a job (202) where the others answer with the result. \`${comparedAs}\` is compared in its place: its requests wait for the result.`,
      remedy: '',
    })),
  }
}

/** The id under which a comparison measures the model of that id. */
export function comparedId(id: string, all: readonly ServerModel[]): string {
  return all.find((model) => model.id === id)?.comparedAs ?? id
}

/** Finds out which models can run here. Servers that run already come after them, on the `usual` Node as far as it is asked. */
export async function judgeCompared(
  candidates: readonly Candidate[],
  outside: readonly ServerModel[],
  pythonPath: string | null,
  usual: NeedsEnvironment,
): Promise<ResolvedModels> {
  const judged = (await judgeCandidates(candidates, pythonPath)).map(({ model, needs, node }) => ({
    model,
    needs: model.comparedAs === undefined ? needs : [...needs, jobInstead(model.comparedAs)],
    node,
  }))
  const compared = [
    ...judged.filter(({ needs }) => needs.length === 0),
    ...outside.map((model) => ({ model, needs: [], node: usual })),
  ]
  return {
    names: [...candidates.map(({ model }) => model), ...outside].map(({ id }) => id),
    models: compared.map(({ model }) => model),
    judged: compared,
    unavailable: judged
      .filter(({ needs }) => needs.length > 0)
      .map(({ model, needs }) => ({ model: model.id, ...unmetText(needs) })),
  }
}

/** Judges those together that have the same Node, Python and app, since to look at a Node or a Python starts it. */
async function judgeCandidates(candidates: readonly Candidate[], pythonPath: string | null): Promise<JudgedModel[]> {
  const judged = new Map<ServerModel, JudgedModel>()
  const pythonOf = ({ model }: Candidate): string | null => model.variant?.python ?? pythonPath
  for (const candidate of candidates) {
    const { model, nodePath, findings } = candidate
    if (judged.has(model)) continue
    const python = pythonOf(candidate)
    const alike = candidates.filter(
      (other) => other.nodePath === nodePath && other.findings === findings && pythonOf(other) === python,
    )
    const models = alike.map((other) => other.model)
    for (const one of await judgeModelsOnNodes(models, nodePath, findings, python)) judged.set(one.model, one)
  }
  return candidates.flatMap(({ model }) => judged.get(model) ?? [])
}

/** The baseline: `single` where it is compared, else the first model, unless another is asked for; a problem is noted. */
export function resolveBaseline(
  asked: string | undefined,
  names: readonly string[],
  given: GivenOptions,
  problems: ProblemList,
): string {
  if (asked === undefined) return names.includes('single') ? 'single' : (names[0] ?? 'single')
  if (names.length > 0 && !names.includes(asked)) {
    const { message, hint } = unknownName(
      `\`${given.name('baseline')}\` to be one of the models compared`,
      asked,
      names,
    )
    problems.add(message, hint)
  }
  return asked
}

/** Throws PART_MISSING when no model can run here, or the baseline cannot. */
export function requireSomeModels(resolved: ResolvedModels, baseline: string): void {
  const missing = resolved.unavailable.filter((entry) => resolved.models.length === 0 || entry.model === baseline)
  if (missing.length === 0) return
  throw new ForkwiseError(
    'PART_MISSING',
    missing.map((entry) => ({ message: `${entry.model} cannot run here: ${entry.reason}`, hint: entry.remedy })),
  )
}

/** Why a variant of a model that answers with a job cannot be compared. */
function jobInstead(comparedAs: string): UnmetNeed {
  return {
    what: 'It answers a request that computes with a job (202) where the others answer with the result.',
    remedy: `Compare \`${comparedAs}\`: its requests wait for the result.`,
  }
}
