import { recordedModel } from '../../experiments/recorded-model.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import { freshSeed } from '../../core/seed.ts'
import { availableCores } from '../../core/cores.ts'
import { resolve } from 'node:path'
import { loadModels } from '../../cluster/models.ts'
import { ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { readCpuTopology } from '../../loadtest/cpu-topology.ts'
import { placementText } from '../../loadtest/placement.ts'
import { makePlan, type PlanRequest } from '../../experiments/comparison/plan.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import { requireAssertable } from '../../analysis/comparison/assertion.ts'
import type { Invocation } from '../command.ts'
import { forkwiseVersion } from '../../core/version.ts'
import type { PreparedComparison } from '../../experiments/comparison/comparison.ts'
import type { Thresholds } from '../../report/thresholds.ts'
import { findingsOf, needsEnvironment, otherNodes, versionText } from '../../cluster/runnable.ts'
import { OptionReader } from '../options.ts'
import { type LoadedConfig, readConfig } from '../config/config-file.ts'
import { completedValues } from '../config/configured-values.ts'
import { ownWorkloads } from '../config/own-workloads.ts'
import { readThresholds } from '../thresholds.ts'
import { readExtent, readWorkers } from './extent.ts'
import { reproducingCommand } from './reproducing-command.ts'
import { readOutsideServers } from './outside-servers.ts'
import { chooseBaseline, chooseModels, requireSomeModels } from './wanted-models.ts'
import { chooseWorkloads, readApp } from './wanted-workloads.ts'

/** Reads a command line into a comparison that is ready to run; throws one usage error with every problem. */
export async function newComparison(
  invocation: Invocation,
): Promise<{ prepared: PreparedComparison; thresholds: Thresholds }> {
  const problems = new ProblemList()
  const loaded = await readConfig(new OptionReader(invocation.values, problems).text('config'))
  if (loaded !== null) invocation.terminal.note(`Configuration: ${loaded.label} (the command line wins over it).`)
  const options =
    loaded === null
      ? new OptionReader(invocation.values, problems)
      : new OptionReader(completedValues(invocation.values, loaded), problems, settingsOf(loaded, invocation.values))
  const cores = availableCores()
  const topology = readCpuTopology()
  const nodePath = options.text('node') ?? null
  const environment = needsEnvironment(nodePath)
  const all = await loadModels()
  const outside = readOutsideServers(options, idsOf(all), problems)
  const builtIn = await loadWorkloads()
  const own = loaded === null ? [] : ownWorkloads(loaded.config, idsOf(builtIn), problems)
  const app = readApp(options, problems)
  const workloads = chooseWorkloads(options, builtIn, own, problems)
  const thresholds = readThresholds(options, problems)
  const reader = readReader(options)
  const settings = {
    workers: readWorkers(options),
    seed: options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed()),
    metrics: readSwitch(options, 'metrics', problems),
    timeoutS: options.read('timeout', parseDurationS, 5),
    extent: readExtent(options),
  }
  // Loading the app takes long, and is not tried before everything else is right.
  const findings = problems.length > 0 ? null : await findingsOf(app, nodePath)
  const wanted = await chooseModels(options, all, outside, problems, nodePath, findings)
  const baseline = chooseBaseline(options, wanted, problems)
  const nodePaths = otherNodes(wanted.judged, environment)
  const request: PlanRequest = {
    models: wanted.models.map((model) => model.id),
    baseline,
    workloads: workloads.map((workload) => workload.id),
    ...settings,
    app,
    nodePath,
    ...(nodePaths === undefined ? {} : { nodePaths }),
    cores,
    topology,
    prometheus: reader === 'prometheus',
  }
  problems.throwIfAny('USAGE')
  requireSomeModels(wanted, baseline)
  requireAssertable(thresholds.assertions, { models: wanted.names, workloads: request.workloads })
  const id = newRunId('compare')
  const plan = makePlan(request)
  const prepared: PreparedComparison = {
    manifest: {
      schema: 'forkwise/manifest@1',
      id,
      createdAt: new Date().toISOString(),
      forkwiseVersion: forkwiseVersion(),
      command: reproducingCommand(invocation.line, request.seed, loaded?.file ?? null),
      machine: machineFacts(versionText(environment)),
      plan,
      cpus: placementText(topology, plan.placement),
      workloads: workloads.map((workload) => ({
        ...workload,
        connections: workload.connections({ workers: plan.workers, cores }),
      })),
      models: wanted.judged.map(recordedModel),
      unavailable: wanted.unavailable,
    },
    models: wanted.models,
    workloads,
    cores,
    dir: resolve(options.text('out') ?? newRunDir(id)),
    reader,
    resumed: null,
    anyway: options.flag('anyway'),
  }
  return { prepared, thresholds }
}

function readReader(options: OptionReader): PreparedComparison['reader'] {
  options.atMostOne(['prometheus', 'targets'])
  const targets = options.text('targets')
  if (targets !== undefined) return { targetsDir: resolve(targets) }
  return options.flag('prometheus') ? 'prometheus' : null
}

/** How the options that a configuration has set are to be named in messages. */
function settingsOf({ label }: LoadedConfig, given: Invocation['values']): (option: string) => string {
  return (option) => (given[option] === undefined ? `${option} of ${label}` : `--${option}`)
}

function idsOf(things: readonly { readonly id: string }[]): string[] {
  return things.map(({ id }) => id)
}

function readSwitch(options: OptionReader, name: string, problems: ProblemList): boolean {
  const text = options.text(name) ?? 'on'
  if (text !== 'on' && text !== 'off') problems.add(`Expected \`--${name}\` to be on or off, got "${text}".`)
  return text !== 'off'
}
