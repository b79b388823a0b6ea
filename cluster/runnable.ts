import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type AppFindings, inspectApp } from './app-inspection.ts'
import type { AppUnderTest, NeedsEnvironment, ServerModel, UnmetNeed } from './model.ts'
import { inspectPython, needModules, PYTHON_RUNTIME } from './python-interpreter.ts'
import { toolFile } from './tools.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { ExperimentPlan } from '../core/records.ts'
import { quoted, shortened } from '../core/quotes.ts'

/** A model and what it lacks here; nothing = it can run. */
export interface JudgedModel {
  readonly model: ServerModel
  readonly needs: readonly UnmetNeed[]
  /** The Node that is to run its processes. */
  readonly node: NeedsEnvironment
}

/** Where `npx forkwise setup` puts a newer Node. */
const NEWER_NODE = 'node/bin/node'

/** The Node that is to run the measured processes, and the Python; throws USAGE when one is named that is none. */
export function needsEnvironment(nodePath: string | null, pythonPath: string | null = null): NeedsEnvironment {
  const version = nodePath === null ? process.version : versionOf(nodePath)
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  return {
    nodePath: nodePath ?? process.execPath,
    nodeVersion: [major, minor, patch],
    platform: process.platform,
    ...(pythonPath === null ? {} : { python: inspectPython(pythonPath) }),
  }
}

/**
 * What each model lacks on this machine. A Node that is named runs them all; without one, those that ask for more than
 * the Node that runs us get the newer one of `npx forkwise setup`, where it is there and all they lack.
 */
export async function judgeModelsOnNodes(
  models: readonly ServerModel[],
  nodePath: string | null,
  ownApp: AppFindings | null,
  pythonPath: string | null = null,
): Promise<readonly JudgedModel[]> {
  const judged = await judgeModels(models, needsEnvironment(nodePath, pythonPath), ownApp)
  const newer = toolFile(NEWER_NODE)
  if (nodePath !== null || !existsSync(newer) || judged.every(({ needs }) => needs.length === 0)) return judged
  const again = await judgeModels(models, needsEnvironment(newer, pythonPath), ownApp)
  return judged.map((one, index) => (again[index]?.needs.length === 0 && one.needs.length > 0 ? again[index] : one))
}

/** The Nodes that differ from the one of the others, by model: what a plan keeps; undefined when there is none. */
export function otherNodes(
  judged: readonly JudgedModel[],
  usual: NeedsEnvironment,
): Readonly<Record<string, string>> | undefined {
  const others = judged.filter(({ node }) => node.nodePath !== usual.nodePath)
  if (others.length === 0) return undefined
  return Object.fromEntries(others.map(({ model, node }) => [model.id, node.nodePath]))
}

/** The version of the Node that runs a model, e.g. `v24.21.0`; null where no Node does. */
export function nodeOf({ model, node }: Pick<JudgedModel, 'model' | 'node'>): string | null {
  return model.runtime !== undefined ? null : versionText(node)
}

/** What the Python that runs a model says it is, where one was named; null elsewhere. */
export function pythonOf({ model, node }: Pick<JudgedModel, 'model' | 'node'>): string | null {
  return model.runtime === PYTHON_RUNTIME ? (node.python?.version ?? null) : null
}

/** Throws PART_MISSING for the models that cannot run here, all at once, with every remedy. */
export function requireAllRunnable(judged: readonly JudgedModel[]): void {
  const missing = judged.flatMap(({ model, needs }) =>
    needs.map((need) => ({ message: `${model.id} cannot run here: ${need.what}`, hint: need.remedy })),
  )
  if (missing.length > 0) throw new ForkwiseError('PART_MISSING', missing)
}

/** Why a model cannot run here and what to do about it, each in whole sentences and once. */
export function unmetText(needs: readonly UnmetNeed[]): { readonly reason: string; readonly remedy: string } {
  return { reason: sentences(needs.map(({ what }) => what)), remedy: sentences(needs.map(({ remedy }) => remedy)) }
}

function sentences(texts: readonly string[]): string {
  return [...new Set(texts.map((text) => (text.endsWith('.') ? text : `${text}.`)))].join(' ')
}

/** The version of a Node, e.g. `v24.21.0`. */
export function versionText({ nodeVersion }: NeedsEnvironment): string {
  return `v${nodeVersion.join('.')}`
}

/**
 * What the user's own app offers and how it is to be started, or null for the built-in one. A command is not tried here.
 * Throws APP_INVALID when a module cannot be started.
 */
export async function findingsOf(
  app: AppUnderTest | null,
  nodePath: string | null,
  env: Readonly<Record<string, string>> = {},
): Promise<AppFindings | null> {
  if (app === null) return null
  const { module, command } = app
  if (module !== undefined) return inspectApp({ ...app, module }, nodePath ?? process.execPath, { env })
  return { handlers: [], start: command === undefined ? {} : { command } }
}

/** How an app is kept in a plan: by its file or its command, and how it is started. */
export function plannedApp(app: AppUnderTest | null): Pick<ExperimentPlan, 'app' | 'appStart'> {
  if (app === null) return { app: null }
  const { module, ...start } = app
  return { app: module ?? app.command ?? null, ...(Object.keys(start).length === 0 ? {} : { appStart: start }) }
}

/** What a plan has its servers run. */
export function appOfPlan({ app, appStart }: Pick<ExperimentPlan, 'app' | 'appStart'>): AppUnderTest {
  if (app === null) return {}
  return appStart?.command === undefined ? { module: app, ...appStart } : appStart
}

/** What each model lacks on this machine, for the built-in app or for the user's own. */
export function judgeModels(
  models: readonly ServerModel[],
  environment: NeedsEnvironment,
  ownApp: AppFindings | null,
): Promise<readonly JudgedModel[]> {
  return Promise.all(
    models.map(async (model) => {
      const needs = [...((await model.needs?.(environment)) ?? []), ...pythonNeeds(model, environment)]
      return {
        model,
        needs: ownApp === null ? needs : [...needs, ...appNeeds(model, ownApp)],
        node: environment,
      }
    }),
  )
}

/** A model that can run here, on which Node, and what it runs. */
export interface Runnable {
  /** The Node that is named, else ours or the newer one. */
  readonly node: NeedsEnvironment
  readonly app: AppUnderTest
  /** What a reader of figures should know about the app's start. */
  readonly notes: readonly string[]
}

/** Finds out how a model runs an app here. Throws PART_MISSING, with every remedy, when it cannot, or APP_INVALID. */
export async function requireRunnable(
  model: ServerModel,
  nodePath: string | null,
  app: AppUnderTest | null,
  pythonPath: string | null = null,
): Promise<Runnable> {
  const findings = await findingsOf(app, nodePath)
  const judged = await judgeModelsOnNodes([model], nodePath, findings, pythonPath)
  requireAllRunnable(judged)
  return {
    node: judged[0]?.node ?? needsEnvironment(nodePath, pythonPath),
    app: { ...app, ...findings?.start },
    notes: findings?.notes ?? [],
  }
}

/** What the interpreter that was named lacks for a model in Python. */
function pythonNeeds({ runtime, pythonModules }: ServerModel, { python }: NeedsEnvironment): UnmetNeed[] {
  return runtime === PYTHON_RUNTIME && python !== undefined ? needModules(python, pythonModules) : []
}

/** What the user's own app lacks for a model: a pool needs handlers to run, and a server in Python no Node app at all. */
function appNeeds(model: ServerModel, { handlers, start, hasOtherServers = false }: AppFindings): UnmetNeed[] {
  if (start?.command !== undefined) return commandNeeds(model)
  if (model.takesFirstServer === true && hasOtherServers) {
    return [
      {
        what: 'It sends requests to the first server of an app that listens, and the app has several.',
        remedy: 'Have the others listen only where a variable asks for them.',
      },
    ]
  }
  if (model.runs === 'any-node-app') return []
  if (model.runtime === PYTHON_RUNTIME) {
    return [
      {
        what: 'It serves Python, and the app is a Node module.',
        remedy: 'Start the same app in Python yourself and name it with `--url` and `--name`.',
      },
    ]
  }
  if (handlers.length > 0) return []
  return [
    {
      what: `It hands CPU work to an executor (${model.executor}), and the app defines no handler for it.`,
      remedy:
        'Wrap what computes in `defineHandler` of forkwise/server, and call the function it returns in your routes.',
    },
  ]
}

function commandNeeds(model: ServerModel): UnmetNeed[] {
  if (model.startsCommands === true) return []
  return [
    {
      what: 'It loads the app as a module of Node, and `--start` names a command.',
      remedy: 'Give the module with `--app`, or compare models that only run processes: single, pm2-fork, nginx-fork.',
    },
  ]
}

function versionOf(nodePath: string): string {
  let said = ''
  try {
    said = execFileSync(nodePath, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim()
  } catch (thrown) {
    throw noNode(nodePath, shortened(messageOf(thrown)))
  }
  if (!/^v\d+\.\d+\.\d+/.test(said)) throw noNode(nodePath, `it calls itself ${quoted(said.split('\n')[0])}`)
  return said
}

function noNode(nodePath: string, why: string): ForkwiseError {
  return new ForkwiseError('USAGE', {
    message: `Expected \`--node\` to be a Node binary, got ${quoted(nodePath)}: ${why}.`,
    hint: 'Give the path of a node executable.',
  })
}
