import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { requireRunnable } from '../../cluster/runnable.ts'
import { availableCores } from '../../core/cores.ts'
import { ProblemList } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import { nearestName } from '../../core/names.ts'
import { currentFaultId, renamedFaultNotes } from '../../core/renamed-faults.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import { newRunId } from '../../store/run-identity.ts'
import { loadFaults } from '../faults/faults.ts'
import type { PlannedFault, PreparedObservation } from './live.ts'

/** Port of the server when nothing is said. */
export const DEFAULT_PORT = 3000

/** Seconds after the start at which a fault is injected when nothing is said. */
export const DEFAULT_FAULT_AFTER_S = 10

/** What a server that runs until it is stopped is asked for; what is left out is decided by {@link prepareObservation}. */
export interface ObservationRequest {
  readonly model: string
  /** Left out, one per core. */
  readonly workers?: number | undefined
  /** Left out, {@link DEFAULT_PORT}; 0 for any free one. */
  readonly port?: number | undefined
  /** An app of the user's own; left out or null, the built-in one. */
  readonly app?: AppUnderTest | null
  readonly nodePath?: string | undefined
  /** The interpreter of models in Python; left out, Debian's. */
  readonly pythonPath?: string | undefined
  /** Name of a workload to drive all the time; left out, none. */
  readonly workload?: string | undefined
  /** Rate of an open loop; left out, a closed one. */
  readonly ratePerS?: number | undefined
  readonly faults?: readonly { readonly fault: string; readonly afterS?: number }[]
  readonly durationS?: number | undefined
  readonly reader: PreparedObservation['reader']
}

/**
 * Checks what is asked for and finds the model, workload and faults. Throws UNKNOWN_NAME, USAGE with every problem, those
 * noted before included, PART_MISSING when the model cannot run here, or APP_INVALID.
 */
export async function prepareObservation(
  request: ObservationRequest,
  problems: ProblemList = new ProblemList(),
): Promise<PreparedObservation> {
  const model = await findModel(request.model)
  const app = request.app ?? null
  const workload = request.workload === undefined ? null : await findWorkload(request.workload)
  const faults = await pickFaults(request.faults ?? [], model, app === null, problems)
  if (request.ratePerS !== undefined && workload === null) {
    problems.add('Expected `--workload` beside `--rate`, got none.', 'Say what to ask for, e.g. --workload io.')
  }
  problems.throwIfAny('USAGE')
  const runnable = await requireRunnable(model, request.nodePath ?? null, app, request.pythonPath ?? null)
  return {
    id: newRunId(model.id),
    model,
    workers: request.workers ?? availableCores(),
    port: request.port ?? DEFAULT_PORT,
    app: runnable.app,
    nodePath: runnable.node.nodePath,
    pythonPath: request.pythonPath ?? null,
    workload,
    ratePerS: request.ratePerS ?? null,
    faults,
    durationS: request.durationS ?? null,
    reader: request.reader,
    notes: [...renamedFaultNotes((request.faults ?? []).map(({ fault }) => fault)), ...runnable.notes],
  }
}

async function pickFaults(
  asked: NonNullable<ObservationRequest['faults']>,
  model: ServerModel,
  builtInApp: boolean,
  problems: ProblemList,
): Promise<PlannedFault[]> {
  const all = await loadFaults()
  const ids = all.map(({ id }) => id)
  return asked.flatMap(({ fault: name, afterS = DEFAULT_FAULT_AFTER_S }) => {
    const fault = all.find(({ id }) => id === currentFaultId(name))
    if (fault === undefined) {
      const nearest = nearestName(name, ids)
      problems.add(
        `Expected \`--fault\` to name a fault, got ${quoted(name)}.`,
        nearest === null ? `There are: ${ids.join(', ')}.` : `Did you mean \`${nearest}\`?`,
      )
      return []
    }
    const reason = fault.offeredBy({ model, builtInApp })
    if (reason !== null) {
      problems.add(`Expected a fault that can be injected into \`${model.id}\`, got \`${fault.id}\`: ${reason}.`)
    }
    return [{ fault, afterS }]
  })
}
