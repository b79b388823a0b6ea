import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import type { ExperimentPlan } from '../../core/records.ts'
import { requireExpectedAnswers } from '../../loadtest/equality/expected.ts'
import { whileAlive, withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'

/**
 * Launches the baseline once where it is an app or a server of the user's own, and asks each request: a missing header need not
 * wait for the machine to be judged. Throws TRIAL_FAILED with the status and what to do.
 */
export async function requireAnsweringBaseline(
  plan: ExperimentPlan,
  models: readonly ServerModel[],
  workloads: readonly Workload[],
  context: TrialContext,
): Promise<void> {
  const baseline = models.find(({ id }) => id === plan.baseline)
  if (baseline === undefined || !areOwnAnswers(plan, models)) return
  const observed = { model: baseline.id, trial: `look-${baseline.id}` }
  let isUp = false
  const ask = async (server: RunningServer): Promise<void> => {
    isUp = true
    for (const workload of workloads) {
      await requireExpectedAnswers(baseline, server, workload, whileAlive(server, context))
    }
  }
  try {
    await withServer(baseline, observed, context, ask, workloads)
  } catch (thrown) {
    context.signal.throwIfAborted()
    // What an app answers is its own doing, and would be the same under another model.
    throw isUp ? thrown : withoutBaseline(plan, thrown)
  }
}

/** True when the answers are those of a user's own app or server, which can be wrong in ways that the built-in app cannot. */
export function areOwnAnswers(plan: ExperimentPlan, models: readonly ServerModel[]): boolean {
  return plan.app !== null || hasOutside(models)
}

function hasOutside(models: readonly ServerModel[]): boolean {
  return models.some(({ outside }) => outside !== undefined)
}

/** A failed baseline's error with the models that another comparison could be held against. */
export function withoutBaseline({ baseline, models }: ExperimentPlan, thrown: unknown): ForkwiseError {
  const others = models.filter((model) => model !== baseline)
  const [problem] = thrown instanceof ForkwiseError ? thrown.problems : []
  const hints = [
    ...(problem?.hint === undefined ? [] : [problem.hint]),
    ...(others.length === 0
      ? []
      : [
          others.length === 1
            ? `Or compare with another model, where the reason is ${baseline} alone: \`--models ${others[0]},…\`.`
            : `Or leave it out and compare ${others.join(', ')}: \`--models ${others.join(',')} --baseline ${others[0]}\`.`,
        ]),
  ]
  return new ForkwiseError(
    thrown instanceof ForkwiseError ? thrown.code : 'TRIAL_FAILED',
    {
      message: `The baseline ${baseline} failed before anything was measured, so that nothing can be compared with it. ${problem?.message ?? messageOf(thrown)}`,
      ...(hints.length === 0 ? {} : { hint: hints.join(' ') }),
    },
    { cause: thrown },
  )
}
