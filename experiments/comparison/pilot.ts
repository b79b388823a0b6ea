import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { messageOf, PartEndedError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { formatRate } from '../../core/quantities.ts'
import { deriveSeed } from '../../core/random.ts'
import type { ExperimentPlan, PilotRecord } from '../../core/records.ts'
import type { Instrument } from '../../loadtest/instrument.ts'
import { lostParts, partsOf } from '../../loadtest/lost-parts.ts'
import { saturatingConnections, saturationLoad } from '../../loadtest/saturation.ts'
import { measureSlice, whileAlive, withServer } from '../../loadtest/trial.ts'
import type { TrialContext, TrialSettings } from '../../loadtest/trial-context.ts'
import type { Emit } from '../events.ts'
import { areOwnAnswers, withoutBaseline } from './baseline.ts'
import { type Admission, EqualityGate } from './equality-gate.ts'
import { dealSliceSeconds, type SlicePace } from './slice-lengths.ts'

/** Share of the lowest capacity at which all models are compared for latency: well below saturation for each. */
export const COMMON_RATE_SHARE = 0.6

/**
 * Highest common rate, whatever the models can do: every generator keeps it with little CPU, so that the cores are the
 * server's and no instant is missed.
 */
export const MOST_COMMON_RATE = 5000

/**
 * Highest rate of the latency slices for each core that generator and servers share, in requests per second. A request of
 * the generator takes about 0.24 ms there: at 1,910/s on two cores two latency slices of 36 were late, at 3,060/s a third of them.
 */
const MOST_COMMON_RATE_PER_SHARED_CORE = 750

/** Least time of a pilot slice, in seconds. */
const PILOT_SLICE_S = 0.4

/** Time of a second pilot slice where the first saw less than an answer for each connection, in seconds: longer than a wave of 1,600 connections. */
const PILOT_AGAIN_S = 2

/**
 * Launches every model once before any timing counts: compares their answers (the equivalence gate) and finds each
 * one's capacity roughly, so that the latency slices can run at one rate below them all. A model that does not start
 * is left out, and so is one that answers differently, of the workloads where it does, with the reason; without the baseline there is nothing to compare.
 */
export async function runPilot(
  plan: ExperimentPlan,
  models: readonly ServerModel[],
  workloads: readonly Workload[],
  context: TrialContext,
  emit: Emit,
): Promise<PilotRecord> {
  const ordered = [...models].sort((a, b) => Number(b.id === plan.baseline) - Number(a.id === plan.baseline))
  const capacities: PilotRecord['capacities'][number][] = []
  const refused: PilotRecord['refused'][number][] = []
  const notes: string[] = []
  const gate = new EqualityGate(plan.baseline, plan.equality, workloads, areOwnAnswers(plan, models))
  for (const model of ordered) {
    emit({ type: 'step-started', label: `pilot: ${model.id}` })
    try {
      const found = await pilotAgainIfLearnt([model, workloads, gate, context], ordered[0], emit)
      capacities.push(...found.capacities)
      for (const { workload, reason } of found.refused) {
        refused.push({ model: model.id, workload, reason })
        emit({ type: 'model-refused', model: model.id, workload, reason })
      }
      notes.push(...found.traits.map((trait) => `${model.id} ${trait}.`), ...outsideNotes(model))
    } catch (thrown) {
      context.signal.throwIfAborted()
      if (model.id === plan.baseline) throw withoutBaseline(plan, thrown)
      refused.push({ model: model.id, reason: messageOf(thrown) })
      emit({ type: 'model-refused', model: model.id, reason: messageOf(thrown) })
    }
  }
  const found = (id: string): number => commonRate(capacities, id, mostCommonRate(context))
  if (plan.ratePerS !== undefined) notes.push(...highRateNotes(plan.ratePerS, capacities))
  const commonRates = Object.fromEntries(workloads.map(({ id }) => [id, plan.ratePerS ?? found(id)]))
  return {
    schema: 'forkwise/pilot@1',
    capacities,
    commonRates,
    sliceSeconds: dealSliceSeconds(plan, pacesOf(workloads, models, capacities, commonRates, context)),
    bareRates: plan.app === null ? await bareRates(context.instrument, workloads) : {},
    refused,
    notes: [...gate.notes(), ...notes],
  }
}

/**
 * As {@link pilotAgainIfDisturbed}. Before a model is left out for other answers, one more launch of the baseline is asked:
 * a date, or what a launch draws once, may vary there only now.
 */
async function pilotAgainIfLearnt(
  question: Parameters<typeof pilotModel>,
  baseline: ServerModel | undefined,
  emit: Emit,
): ReturnType<typeof pilotModel> {
  const [, workloads, gate, context] = question
  let found: Awaited<ReturnType<typeof pilotModel>> | null = null
  let failure: unknown = null
  try {
    found = await pilotAgainIfDisturbed(question, emit)
  } catch (thrown) {
    failure = thrown
  }
  context.signal.throwIfAborted()
  if (gate.foundDifferences && baseline !== undefined && (await learnMore(baseline, workloads, gate, context))) {
    return pilotAgainIfDisturbed(question, emit)
  }
  if (found === null) throw failure
  return found
}

/** Asks one more launch of the baseline; true when the answers that differed do so no longer. */
async function learnMore(
  baseline: ServerModel,
  workloads: readonly Workload[],
  gate: EqualityGate,
  context: TrialContext,
): Promise<boolean> {
  const observed = { model: baseline.id, trial: `pilot-${baseline.id}` }
  try {
    await withServer(baseline, observed, context, (server) => gate.learnMore(baseline, server, context), workloads)
    return gate.agreesNow()
  } catch {
    // Whatever is wrong with the baseline now, it is no reason to let the other model in.
    context.signal.throwIfAborted()
    return false
  }
}

/** As {@link pilotModel}; once more when a process ended meanwhile that nobody had asked to. */
async function pilotAgainIfDisturbed(
  question: Parameters<typeof pilotModel>,
  emit: Emit,
): ReturnType<typeof pilotModel> {
  const [model, , , { dependency, observation, signal }] = question
  const startedMs = performance.now()
  const lost = (): string[] => [...dependency.trouble(startedMs), ...observation.trouble(startedMs)]
  try {
    const found = await pilotModel(...question)
    if (lost().length === 0) return found
  } catch (thrown) {
    signal.throwIfAborted()
    if (lost().length === 0 && !(thrown instanceof PartEndedError)) throw thrown
    emit({ type: 'note', level: 'warning', text: `The pilot of ${model.id} is made again: ${messageOf(thrown)}` })
  }
  await dependency.ready()
  return pilotModel(...question)
}

async function pilotModel(
  model: ServerModel,
  workloads: readonly Workload[],
  gate: EqualityGate,
  trialContext: TrialContext,
): Promise<Admission & { readonly capacities: readonly PilotRecord['capacities'][number][] }> {
  const { settings, cores } = trialContext
  const observed = { model: model.id, trial: `pilot-${model.id}` }
  const wantsAnother = gate.wantsAnother(model)
  const piloted = async (server: RunningServer): ReturnType<typeof pilotModel> => {
    const context = whileAlive(server, trialContext)
    const { traits, refused } = await gate.admit(model, server, context)
    const out = new Set(refused.map(({ workload }) => workload))
    const parts = await partsOf(server)
    const capacities: PilotRecord['capacities'][number][] = []
    for (const workload of workloads.filter(({ id }) => !out.has(id))) {
      const load = saturationLoad(
        pilotSettings(settings),
        { model, workload },
        cores,
        deriveSeed(settings.seed, 'pilot', workload.id),
      )
      context.observation.phase('pilot')
      let slice = await measureSlice(server, workload, load, context)
      if (slice.load.answered < load.connections) {
        // With many connections the answers come in waves: part of one wave in a short slice gives no rate.
        slice = await measureSlice(server, workload, { ...load, durationS: PILOT_AGAIN_S }, context)
      }
      capacities.push({ model: model.id, workload: workload.id, ratePerS: slice.load.achievedRatePerS })
    }
    const died = lostParts(parts, await partsOf(server))
    if (died.length > 0) {
      throw new PartEndedError('TRIAL_FAILED', { message: `${died.join(', ')} in the pilot of ${model.id}.` })
    }
    return { traits, refused, capacities }
  }
  const found = await withServer(model, observed, trialContext, piloted, workloads)
  if (wantsAnother) {
    await withServer(model, observed, trialContext, (server) => gate.learnMore(model, server, trialContext), workloads)
  }
  return found
}

/** What a server that is measured from outside cannot show, and what carries over between its blocks. */
function outsideNotes({ id, outside }: ServerModel): string[] {
  if (outside === undefined) return []
  const processes =
    outside.pid === null
      ? 'its CPU and memory are unknown (`--pid` would show them), and other programs that disturb it are not noticed'
      : `its CPU and memory are those of process ${outside.pid} and all below it`
  return [
    `${id} runs outside of Forkwise, at ${outside.url}: it is not started afresh for each block, so that what one block leaves behind (compiled code, caches, memory) is there in the next; its requests are counted by the client alone; ${processes}.`,
  ]
}

function pilotSettings(settings: TrialSettings): TrialSettings {
  return { ...settings, saturationS: PILOT_SLICE_S, warmup: { ...settings.warmup, maxS: settings.warmup.minS } }
}

function pacesOf(
  workloads: readonly Workload[],
  models: readonly ServerModel[],
  capacities: PilotRecord['capacities'],
  commonRates: Readonly<Record<string, number>>,
  { settings, cores }: TrialContext,
): SlicePace[] {
  const size = { workers: settings.workers, cores }
  return workloads.map((workload) => {
    const waves = capacities.flatMap(({ model: id, workload: of, ratePerS }) => {
      const model = models.find((candidate) => candidate.id === id)
      if (of !== workload.id || model === undefined || ratePerS <= 0) return []
      return [saturatingConnections(model, workload, size) / ratePerS]
    })
    return { workload: workload.id, ratePerS: commonRates[workload.id] ?? 0, waveS: Math.max(0, ...waves) }
  })
}

function mostCommonRate({ settings, cores }: TrialContext): number {
  return settings.placement === null
    ? Math.min(MOST_COMMON_RATE, MOST_COMMON_RATE_PER_SHARED_CORE * cores)
    : MOST_COMMON_RATE
}

function commonRate(capacities: PilotRecord['capacities'], workload: string, mostPerS: number): number {
  const rates = capacities.filter((entry) => entry.workload === workload && entry.ratePerS > 0)
  const lowest = Math.min(...rates.map((entry) => entry.ratePerS))
  return Number.isFinite(lowest) ? Math.min(mostPerS, Number((COMMON_RATE_SHARE * lowest).toPrecision(3))) : 0
}

/** What is to be said of a rate that was asked for and is more than some models can do. */
function highRateNotes(ratePerS: number, capacities: PilotRecord['capacities']): string[] {
  return capacities
    .filter((found) => found.ratePerS > 0 && found.ratePerS <= ratePerS)
    .map(
      ({ model, workload, ratePerS: most }) =>
        `${model} can do about ${formatRate(most)} under ${workload}, less than the ${formatRate(ratePerS)} that was asked for: its latency there is that of a queue which grows.`,
    )
}

async function bareRates(instrument: Instrument, workloads: readonly Workload[]): Promise<Record<string, number>> {
  const rates: Record<string, number> = {}
  for (const workload of workloads) {
    const rate = await instrument.bareRate(workload)
    if (rate !== null) rates[workload.id] = rate
  }
  return rates
}
