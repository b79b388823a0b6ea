import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { requireRunnable } from '../../cluster/runnable.ts'
import { availableCores } from '../../core/cores.ts'
import type { ProblemList } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import { parseDurationS } from '../../core/quantities.ts'
import { quoted } from '../../core/quotes.ts'
import { currentFaultId, renamedFaultNotes } from '../../core/renamed-faults.ts'
import { newRunId } from '../../store/run-identity.ts'
import type { Fault } from '../faults/fault.ts'
import { loadFaults } from '../faults/faults.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import { OBSERVE, SERVE } from '../options/sets/live.ts'
import { readSettings } from '../options/settings.ts'
import { resolveApp } from '../resolution/app.ts'
import { pickModel } from '../resolution/models.ts'
import { addProblems } from '../resolution/problems.ts'
import { resolveWorkload } from '../resolution/workload.ts'
import { requestsKey } from '../resolution/workloads.ts'
import type { PlannedFault, PreparedObservation } from './live.ts'

/** Seconds after the start at which a fault is injected when nothing is said. */
const FAULT_AFTER_S = 10

/** What is asked of a server that runs until it is stopped. */
export interface ObservationRequest extends Omit<PreparedObservation, 'id' | 'app' | 'nodePath' | 'pythonPath'> {
  /** An app of the user's own; null = the built-in one. */
  readonly app: AppUnderTest | null
  /** The Node that runs the server; null = the one that runs us, or a newer one where the model needs it. */
  readonly nodePath: string | null
  /** The interpreter of models in Python; null = Debian's. */
  readonly pythonPath: string | null
}

/** Reads what is asked of `observe`; every problem is noted, and the request is of use only when there was none. */
export async function readObservation(given: GivenOptions, problems: ProblemList): Promise<ObservationRequest> {
  const settings = readSettings(OBSERVE, given, problems)
  const { rate = null, duration = null, prometheusPort = 0, targets } = settings
  const served = await readServed(settings, given, problems)
  const workload = await resolveWorkload(settings, null, given, problems)
  if (rate !== null && !given.has('workload') && requestsKey(given) === null) {
    problems.add(
      `Expected \`${given.name('workload')}\` with \`${given.name('rate')}\`, got none.`,
      `Say what to ask for, e.g. \`${given.example('workload', 'io', "'io'")}\`.`,
    )
  }
  return {
    ...served,
    workload,
    ratePerS: rate,
    faults: await planFaults(settings.faults, served, given, problems),
    durationS: duration,
    reader: targets === undefined ? { prometheusPort } : { targetsDir: targets },
    notes: renamedFaultNotes(settings.faults.map((text) => text.split('@')[0] ?? '')),
  }
}

/** Reads what is asked of `serve`; every problem is noted, and the request is of use only when there was none. */
export async function readServing(given: GivenOptions, problems: ProblemList): Promise<ObservationRequest> {
  const served = await readServed(readSettings(SERVE, given, problems), given, problems)
  return { ...served, workload: null, ratePerS: null, faults: [], durationS: null, reader: null, notes: [] }
}

/** Finds out how the model runs here. Throws PART_MISSING when it cannot, or APP_INVALID. */
export async function prepareObservation(request: ObservationRequest): Promise<PreparedObservation> {
  const { model, nodePath, pythonPath, notes } = request
  const { app, node, notes: more } = await requireRunnable(model, nodePath, request.app, pythonPath)
  return { ...request, id: newRunId(model.id), app, nodePath: node.nodePath, notes: [...notes, ...more] }
}

type Served = Pick<ObservationRequest, 'model' | 'workers' | 'port' | 'app' | 'nodePath' | 'pythonPath' | 'cpuQuota'>

async function readServed(
  settings: SettingsOf<typeof SERVE>,
  given: GivenOptions,
  problems: ProblemList,
): Promise<Served> {
  const { model, workers = availableCores(), port, node = null, python = null, cpuQuota = null } = settings
  const all = await loadModels()
  const found = given.has('model') ? pickModel(model, all, given, problems) : null
  return {
    // Without one there is a problem, and the request is not run.
    model: found ?? (all[0] as ServerModel),
    workers,
    port,
    app: resolveApp(settings, given, problems),
    nodePath: node,
    pythonPath: python,
    cpuQuota,
  }
}

async function planFaults(
  texts: readonly string[],
  { model, app }: Served,
  given: GivenOptions,
  problems: ProblemList,
): Promise<PlannedFault[]> {
  const all = await loadFaults()
  return texts.flatMap((text) => {
    const [name = '', after] = text.split('@')
    const fault = all.find(({ id }) => id === currentFaultId(name))
    if (fault === undefined) {
      const { message, hint } = unknownName(
        `a fault in \`${given.name('faults')}\``,
        name,
        all.map(({ id }) => id),
      )
      problems.add(message, hint)
      return []
    }
    noteRefused(fault, model, app === null, problems)
    if (after === undefined) return [{ fault, afterS: FAULT_AFTER_S }]
    const afterS = addProblems(problems, () => parseDurationS(after, given.name('faults')))
    return afterS === null ? [] : [{ fault, afterS }]
  })
}

function noteRefused(fault: Fault, model: ServerModel, builtInApp: boolean, problems: ProblemList): void {
  const reason = fault.offeredBy({ model, builtInApp })
  if (reason === null) return
  problems.add(`Expected a fault that can be injected into ${quoted(model.id)}, got ${quoted(fault.id)}: ${reason}.`)
}
