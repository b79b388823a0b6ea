import { freshSeed } from '../../core/seed.ts'
import { countText } from '../../analysis/wording.ts'
import { join } from 'node:path'
import { loadModels } from '../../cluster/models.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { type ExitCode, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { unknownName } from '../../core/names.ts'
import { currentFaultId } from '../../core/renamed-faults.ts'
import { formatDuration, formatRate, parseCount } from '../../core/quantities.ts'
import type { ResilienceCell, ResilienceManifest, ResiliencePlan } from '../../core/resilience-record.ts'
import { openObservation } from '../../loadtest/observation/open-observation.ts'
import { cellsOf, expectedResilienceS, runResilience } from '../../experiments/resilience/experiment.ts'
import type { Fault } from '../../experiments/faults/fault.ts'
import { faultIds, loadFaults } from '../../experiments/faults/faults.ts'
import { ResilienceFolder } from '../../store/resilience-folder.ts'
import { TRAFFIC } from '../../experiments/resilience/traffic.ts'
import type { Command, Invocation } from '../command.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import {
  judgeModelsOnNodes,
  needsEnvironment,
  otherNodes,
  requireAllRunnable,
  versionText,
} from '../../cluster/runnable.ts'
import { OptionReader } from '../options.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { recordedModel } from '../../experiments/recorded-model.ts'
import { Progress } from '../progress.ts'
import { reportResilience } from '../resilience.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'

/** Models when nothing is said: those that tell the faults apart and need little. */
const DEFAULT_MODELS = ['single', 'cluster', 'reuse-port', 'pm2-fork', 'pm2-cluster', 'nginx-fork', 'worker-pool']

/** Launches of each model under each fault when nothing is said. */
const REPEATS = 3

/** Rate of the load, as a share of the lowest capacity: what is left of a server can still carry it. */
const SHARE = 0.4

/** Slices that find out what a model can do: longer than a pilot's, since a rate hangs on them. */
const CAPACITY_SLICES = { warmup: { minS: 0.5, maxS: 1.5, minCount: 50 }, saturationS: 2 } as const

interface ResilienceRequest {
  readonly plan: ResiliencePlan
  readonly models: readonly ServerModel[]
  readonly faults: readonly Fault[]
  readonly manifest: ResilienceManifest
  readonly dir: string
}

/** `forkwise resilience`: what faults do to the requests under each model. */
export const command: Command = {
  name: 'resilience',
  summary: 'Show what a crash, a hang, a reload or an overload does to the requests under each model.',
  positionals: '',
  arity: [0, 0],
  description:
    'Launches each model, drives it in an open loop, and does something to it: reloads it, kills or stops a worker, ' +
    'blocks an event loop, lets workers crash at boot, lets them leak memory, asks for one and a half times what they can do. Counts the ' +
    'requests that failed, hung and were slowed, and the time until the model was at full strength again. A model ' +
    'that cannot do what a fault asks for is listed with the reason.\n' +
    'Exit code 5 when a model that promises a reload without failed requests does not keep it.',
  options: [
    {
      name: 'models',
      type: 'string',
      value: 'a,b',
      help: `Models to inject faults into. Default: those of ${DEFAULT_MODELS.join(', ')} that can run here.`,
    },
    {
      name: 'faults',
      type: 'string',
      value: 'a,b',
      help: `Faults: ${faultIds().join(', ')}. Default: all.`,
    },
    { name: 'workers', type: 'string', value: 'n', help: 'Workers of each model. Default: 2.' },
    { name: 'repeats', type: 'string', value: 'n', help: `Launches for each figure. Default: ${REPEATS}.` },
    { name: 'quick', type: 'boolean', help: 'One launch for each figure: shows what can happen, not how often.' },
    { name: 'node', type: 'string', value: 'path', help: 'Run the measured processes on this Node.' },
    { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
    { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
  ],
  examples: [
    { line: 'forkwise resilience --quick', meaning: 'Every fault once under the usual models.' },
    {
      line: 'forkwise resilience --models cluster,reuse-port --faults kill',
      meaning: 'What a killed worker takes with it, where clients hang and where they are reset.',
    },
    { line: 'forkwise resilience --models cluster --faults reload --repeats 5', meaning: 'Is a reload clean?' },
  ],
  json: true,
  run: runCommand,
}

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const { terminal, json, signal } = invocation
  const { plan, models, faults, manifest, dir } = await readRequest(invocation)
  const folder = ResilienceFolder.create(dir)
  folder.writeManifest(manifest)
  const task = { plan, models, faults, folder }
  const cells = cellsOf(task).length
  const takesS = expectedResilienceS(task)
  terminal.note(
    `${terminal.style('strong', 'Faults')} ${plan.faults.join(', ')} under ${plan.models.join(', ')}: ${countText(plan.workers, 'worker')}, ${cells} launch${cells === 1 ? '' : 'es'}, about ${formatDuration(takesS)}, into ${folder.dir}.`,
  )
  for (const missing of manifest.unavailable) {
    terminal.note(terminal.style('warn', `${missing.model} cannot run here: ${missing.reason} ${missing.remedy}`))
  }
  const progress = new Progress(terminal, cells + models.length, takesS)
  try {
    await withWorld(
      trialSettings({
        workers: plan.workers,
        seed: plan.seed,
        nodePath: plan.nodePath,
        timeoutS: plan.timeoutS,
        ...CAPACITY_SLICES,
        ...(plan.nodePaths === undefined ? {} : { nodePaths: plan.nodePaths }),
      }),
      {
        signal,
        emit: (event) => {
          if (event.type === 'load') progress.load(event.progress)
        },
        observe: () =>
          openObservation(
            { runId: manifest.id, dir: join(folder.dir, 'series'), onProblem: (text) => progress.note(text) },
            null,
          ),
      },
      async (context) => {
        const step = (label: string): void => {
          progress.step(label)
          if (!terminal.interactive) progress.note(label)
        }
        await runResilience(task, context, {
          onCapacity: (model) => step(`what ${model} can do`),
          onRates: ({ ratePerS, failed }) => {
            progress.note(`The load: ${formatRate(ratePerS)} for every model.`)
            for (const { model, message } of failed) progress.note(terminal.style('warn', `${model}: ${message}`))
          },
          onCell: (model, fault, repeat) => step(`${fault} ${repeat}/${plan.repeats}: ${model}`),
          onCellDone: (cell) => {
            if (cell.outcome === 'failed') progress.note(terminal.style('warn', failureText(cell)))
          },
        })
      },
    )
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    throw new ForkwiseError(
      'INTERRUPTED',
      {
        message: `Interrupted. What was finished is kept in ${folder.dir}.`,
        hint: `Read it: npx forkwise report ${folder.dir}`,
      },
      { cause: thrown },
    )
  } finally {
    progress.finish()
  }
  return reportResilience(folder.dir, { terminal, json })
}

function failureText(cell: Extract<ResilienceCell, { outcome: 'failed' }>): string {
  return `${cell.model} under ${cell.fault} failed: ${cell.error.message}`
}

async function readRequest(invocation: Invocation): Promise<ResilienceRequest> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const [allModels, allFaults] = [await loadModels(), await loadFaults()]
  const named = options.list('models')
  const models = pick(allModels, named ?? DEFAULT_MODELS, 'a model', problems)
  const faults = pick(
    allFaults,
    options.list('faults')?.map(currentFaultId) ?? allFaults.map(({ id }) => id),
    'a fault',
    problems,
  )
  options.atMostOne(['quick', 'repeats'])
  const wanted = options.read('repeats', (text, option) => parseCount(text, option, 1, 50), REPEATS)
  const workers = options.read('workers', (text, option) => parseCount(text, option, 1, 64), 2)
  const seed = options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed())
  const nodePath = options.text('node') ?? null
  problems.throwIfAny('USAGE')

  const environment = needsEnvironment(nodePath)
  const judged = await judgeModelsOnNodes(models, nodePath, null)
  const lacking = judged.flatMap(({ model, needs }) =>
    needs.slice(0, 1).map(({ what, remedy }) => ({ model: model.id, reason: what, remedy })),
  )
  if (named !== undefined) requireAllRunnable(judged)
  const runnable = judged.filter(({ needs }) => needs.length === 0)
  const able = runnable.map(({ model }) => model)
  const nodePaths = otherNodes(runnable, environment)
  const plan: ResiliencePlan = {
    models: able.map(({ id }) => id),
    faults: faults.map(({ id }) => id),
    workers,
    repeats: options.flag('quick') ? 1 : wanted,
    seed,
    share: SHARE,
    timeoutS: 3,
    baselineS: 3,
    heartbeatTimeoutS: 2,
    nodePath,
    ...(nodePaths === undefined ? {} : { nodePaths }),
  }
  const id = newRunId('resilience')
  return {
    plan,
    models: able,
    faults,
    dir: options.text('out') ?? newRunDir(id),
    manifest: {
      schema: 'forkwise/resilience-manifest@2',
      id,
      createdAt: new Date().toISOString(),
      forkwiseVersion: forkwiseVersion(),
      command: reproducingCommand(invocation.line, seed),
      machine: machineFacts(versionText(environment)),
      plan,
      requests: TRAFFIC.requests,
      models: runnable.map((one) => ({
        ...recordedModel(one),
        reload: one.model.reload ?? null,
        restartedBy: one.model.supervision?.restartsDead === true ? one.model.supervision.by : null,
      })),
      faults: faults.map(({ id: fault, title, question, recoveryFrom }) => ({
        id: fault,
        title,
        question,
        recoveryFrom,
      })),
      notOffered: faults.flatMap((fault) =>
        able.flatMap((model) => {
          const reason = fault.offeredBy({ model, builtInApp: true })
          return reason === null ? [] : [{ model: model.id, fault: fault.id, reason }]
        }),
      ),
      unavailable: lacking,
    },
  }
}

function pick<T extends { readonly id: string }>(
  all: readonly T[],
  names: readonly string[],
  kind: string,
  problems: ProblemList,
): T[] {
  const ids = all.map(({ id }) => id)
  for (const name of names.filter((each) => !ids.includes(each))) {
    const problem = unknownName(kind, name, ids)
    problems.add(problem.message, problem.hint)
  }
  return names.flatMap((name) => all.filter(({ id }) => id === name))
}
