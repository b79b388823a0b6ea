import { resolve } from 'node:path'
import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import type { ProblemList } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import { oddityOf } from '../../store/regular-file.ts'
import type { GivenOptions } from '../options/given.ts'
import type { CompareSettings } from '../options/options.ts'
import { VARIANT_NAME } from '../options/sets/variants.ts'
import { pickModel } from './models.ts'

/** Something to compare that is not just a server model: what it has of its own. */
export interface WantedVariant {
  readonly id: string
  readonly model: ServerModel
  readonly workers?: number
  /** Its app; null = the built-in one. */
  readonly app: AppUnderTest | null
  /** The git revision that the app is to be of; absent = the files as they are. */
  readonly ref?: string
  readonly nodePath: string | null
  /** The interpreter of a model in Python; absent = that of the others. */
  readonly pythonPath?: string
  readonly env: Readonly<Record<string, string>>
}

/** What {@link resolveVariants} starts from. */
export interface VariantSubject {
  /** The models that were named; null where none were. */
  readonly chosen: readonly ServerModel[] | null
  /** All models there are. */
  readonly all: readonly ServerModel[]
  /** The app of those that name none. */
  readonly app: AppUnderTest | null
  /** Names that are taken. */
  readonly taken: readonly string[]
}

/** The name of the files as they are now, beside a single revision. */
const NOW = 'now'

/**
 * What is to be compared where that is more than server models: several apps, revisions or Nodes, each under every model
 * that is named, or variants one by one. Null where nothing but the model differs. Every problem is noted.
 */
export function resolveVariants(
  settings: CompareSettings,
  subject: VariantSubject,
  given: GivenOptions,
  problems: ProblemList,
): readonly WantedVariant[] | null {
  const { app, node, refs, build, variants } = settings
  const apps = typeof app === 'object' ? Object.entries(app) : []
  const nodes = typeof node === 'object' ? Object.entries(node) : []
  const { all, chosen } = subject
  if (build !== undefined && refs === undefined) {
    problems.add(`Expected \`${given.name('build')}\` only with \`${given.name('refs')}\`, got it alone.`)
  }
  if (apps.length > 0 && refs !== undefined) {
    problems.add(`Expected one app with \`${given.name('refs')}\`, got ${apps.length} with names.`)
  }
  if (refs !== undefined && subject.app === null && apps.length === 0) {
    problems.add(
      `Expected \`${given.name('app')}\` or \`${given.name('start')}\` with \`${given.name('refs')}\`, got none.`,
      'Name the file that `node FILE` would start, as it is called in the repository.',
    )
  }
  if (refs !== undefined && new Set(refs).size < refs.length) {
    problems.add(
      `Expected each revision of \`${given.name('refs')}\` once, got ${refs.join(', ')}.`,
      'For a control name one of the two otherwise, e.g. by its hash.',
    )
  }
  for (const [name, file] of apps) noteMissing(file, given.name('app', `.${name}`), problems)
  if (apps.length === 0 && nodes.length === 0 && refs === undefined && variants === undefined) return null

  const varied = apps.length > 0 || nodes.length > 0 || refs !== undefined
  const models = chosen ?? (variants === undefined || varied ? all.filter(({ id }) => id === 'single') : [])
  const rows = varied ? combinations(models, appAxis(settings, subject), nodeAxis(settings)) : []
  const found = [...rows, ...oneByOne(settings, subject, given, problems)]
  noteNames(found, subject.taken, given, problems)
  return found
}

interface AppChoice extends Pick<WantedVariant, 'app' | 'ref'> {
  readonly name: string | null
}

interface NodeChoice extends Pick<WantedVariant, 'nodePath'> {
  readonly name: string | null
}

function appAxis({ app, refs }: CompareSettings, { app: common }: VariantSubject): readonly AppChoice[] {
  if (typeof app === 'object') return Object.entries(app).map(([name, module]) => ({ name, app: { module } }))
  if (refs === undefined) return [{ name: null, app: common }]
  const revisions = refs.map((ref) => ({ name: nameOfRef(ref), app: common, ref }))
  return revisions.length === 1 ? [...revisions, { name: NOW, app: common }] : revisions
}

function nodeAxis({ node }: CompareSettings): readonly NodeChoice[] {
  if (typeof node === 'object') return Object.entries(node).map(([name, nodePath]) => ({ name, nodePath }))
  return [{ name: null, nodePath: node ?? null }]
}

/** Each model with each app on each Node. A model that is alone needs no place in the names. */
function combinations(
  models: readonly ServerModel[],
  apps: readonly AppChoice[],
  nodes: readonly NodeChoice[],
): WantedVariant[] {
  return models.flatMap((model) =>
    apps.flatMap(({ name: appName, ...app }) =>
      nodes.map(({ name: nodeName, nodePath }) => {
        const own = [appName, nodeName].filter((name) => name !== null).join('-')
        return { id: models.length > 1 ? `${model.id}@${own}` : own, model, ...app, nodePath, env: {} }
      }),
    ),
  )
}

function oneByOne(
  { variants = [], node }: CompareSettings,
  { chosen, all, app: common }: VariantSubject,
  given: GivenOptions,
  problems: ProblemList,
): WantedVariant[] {
  const [only, ...others] = chosen ?? []
  const { dir } = given.source('variants')
  return variants.flatMap((variant, index): WantedVariant[] => {
    const nameOf = (part: string): string => given.name('variants', `[${index}].${part}`)
    const { name: id, workers, nodeArgs, python, env = {} } = variant
    const named = variant.model === undefined ? null : pickModel(variant.model, all, given, problems, nameOf('model'))
    if (variant.model === undefined && (only === undefined || others.length > 0)) {
      problems.add(
        `Expected \`${nameOf('model')}\`, got none.`,
        `Name the server model of ${id}, or exactly one for all with \`${given.name('models')}\`.`,
      )
    }
    const model = named ?? only
    if (model === undefined) return []
    const file = variant.app === undefined ? null : resolve(dir, variant.app)
    if (file !== null) noteMissing(file, nameOf('app'), problems)
    const nodePath = variant.node ?? (typeof node === 'string' ? node : null)
    return [
      {
        id,
        model,
        ...(workers === undefined ? {} : { workers }),
        app: file === null ? common : { module: file },
        nodePath: nodePath === null ? null : programFrom(dir, nodePath),
        ...(python === undefined ? {} : { pythonPath: programFrom(dir, python) }),
        env: nodeArgs === undefined ? env : { ...env, NODE_OPTIONS: joined(env['NODE_OPTIONS'], nodeArgs) },
      },
    ]
  })
}

/** A program as it is named in a folder: a path from there, else a name that PATH has. */
function programFrom(dir: string, program: string): string {
  return program.includes('/') ? resolve(dir, program) : program
}

function noteNames(
  found: readonly WantedVariant[],
  taken: readonly string[],
  given: GivenOptions,
  problems: ProblemList,
): void {
  const seen = new Set(taken)
  for (const { id } of found) {
    const fits = id.split('@').every((part) => new RegExp(VARIANT_NAME.pattern).test(part))
    if (!fits) problems.add(`Expected the name of a variant to be ${VARIANT_NAME.title}, got ${quoted(id)}.`)
    else if (seen.has(id)) {
      problems.add(
        `Expected each variant to have a name of its own, got ${quoted(id)}, which another one, a model or a server has.`,
        `See \`${given.name('variants')}\`.`,
      )
    }
    seen.add(id)
  }
}

function noteMissing(file: string, name: string, problems: ProblemList): void {
  const oddity = oddityOf(file)
  if (oddity !== null) problems.add(`Expected \`${name}\` to be a file, got ${quoted(file)}, ${oddity}.`)
}

/** A revision as a name: `feature/x` as `feature-x`. */
function nameOfRef(ref: string): string {
  return ref.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[^A-Za-z0-9]+|-+$/g, '') || 'revision'
}

function joined(...words: readonly (string | undefined)[]): string {
  return [process.env['NODE_OPTIONS'], ...words].filter((word) => word !== undefined && word !== '').join(' ')
}
