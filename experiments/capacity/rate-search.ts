import type { JudgedTrial } from '../../analysis/capacity/objective/capacity-result.ts'
import { judgeRate } from '../../analysis/capacity/objective/rate-table.ts'
import { countText } from '../../analysis/wording.ts'
import { searchHighestRate, type SearchPlan, type SearchResult } from '../../analysis/capacity/objective/slo-search.ts'
import type { Slo } from '../../analysis/capacity/objective/slo.ts'
import { SEARCH_BLOCK, type MeasuredRate } from '../../core/capacity.ts'
import { formatRate } from '../../core/quantities.ts'
import { deriveSeed } from '../../core/random.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { Emit, SearchedServer } from '../events.ts'
import { measureRate } from './slices.ts'
import type { Subject } from './subject.ts'

/** What is searched. */
export interface RateSearch {
  readonly slo: Slo
  readonly workers: number
  /** Rates between which the highest is sought; the search says so when it lies outside. */
  readonly lowestPerS: number
  readonly highestPerS: number
  /** Where it is expected, from what was measured already. */
  readonly likely?: { readonly lowPerS: number; readonly highPerS: number }
  readonly budgetS: number
  readonly width: number
  readonly seed: number
}

/** What a search found, with its trials as measurements for later use. */
export interface FoundRate {
  readonly result: SearchResult<JudgedTrial>
  readonly measured: readonly MeasuredRate[]
}

/** Shares of saturation between which the highest rate is sought while nothing more is known. */
const RANGE = { lowest: 0.1, highest: 1.1 } as const

/** How far below a rate that was measured to meet the objective, and above one that missed it, the answer is expected. */
const MARGIN = { below: 0.9, above: 1.1 } as const

/** Requests that a full trial has at the geometric middle of the range, and the bounds of its length in seconds. */
const REQUESTS = 2500
const TRIAL_S = { shortest: 2, longest: 20 } as const

/** Seconds that a trial takes besides its length: settling, processes to start and end, requests in flight. */
const OVERHEAD_S = 1.1

/** Seconds of the budget that the launch and the end of the server take. */
const LAUNCH_S = 1.5

/** Where to search, from the throughput at saturation and from rates that were judged already. */
export function rangeOf(
  saturationPerS: number,
  judged: readonly { readonly ratePerS: number; readonly met: boolean }[],
): Pick<RateSearch, 'lowestPerS' | 'highestPerS' | 'likely'> {
  const range = { lowestPerS: RANGE.lowest * saturationPerS, highestPerS: RANGE.highest * saturationPerS }
  const missed = Math.min(range.highestPerS, ...judged.filter(({ met }) => !met).map(({ ratePerS }) => ratePerS))
  const met = Math.max(
    range.lowestPerS,
    ...judged.filter((each) => each.met && each.ratePerS < missed).map(({ ratePerS }) => ratePerS),
  )
  return {
    ...range,
    likely: {
      lowPerS: Math.max(range.lowestPerS, MARGIN.below * met),
      highPerS: Math.min(range.highestPerS, MARGIN.above * missed),
    },
  }
}

/** Where a search is made, reported and kept. */
export interface SearchSurroundings {
  readonly context: TrialContext
  readonly emit: Emit
  /** Keeps all trials so far; called after each. */
  readonly keep: (measured: readonly MeasuredRate[]) => void
}

/**
 * Searches the highest rate within an objective over one launch of a server. A trial that outside signals speak against
 * is run once more while the budget lasts, whatever it found. Rejects when it is interrupted.
 */
export async function searchRate(
  subject: Subject,
  search: RateSearch,
  { context, emit, keep }: SearchSurroundings,
): Promise<FoundRate> {
  const { instrument, signal } = context
  const { slo, workers, budgetS } = search
  const { model, workload } = subject
  const searched: SearchedServer = { model, workload: workload.id, workers, objective: slo.text }
  const startedS = instrument.nowS()
  const elapsedS = (): number => instrument.nowS() - startedS
  const measured: MeasuredRate[] = []
  emit({ type: 'search-started', search: searched, budgetS })
  return subject.run(workers, async (server, sized) => {
    const measure = async (ratePerS: number, durationS: number): Promise<MeasuredRate> => {
      const seed = deriveSeed(search.seed, 'search', measured.length)
      const found = await measureRate(
        subject,
        server,
        { block: SEARCH_BLOCK, workers, ratePerS, durationS, seed },
        sized,
      )
      measured.push(found)
      keep(measured)
      return found
    }
    const trial = async (ratePerS: number, durationS: number): Promise<JudgedTrial> => {
      emit({ type: 'step-started', label: `${labelOf(searched)}: ${formatRate(ratePerS)}` })
      const first = await measure(ratePerS, durationS)
      const isAffordable = budgetS - elapsedS() > durationS + OVERHEAD_S + LAUNCH_S
      const rate = first.disturbed.length > 0 && isAffordable ? await measure(ratePerS, durationS) : first
      const { met, missed } = judgeRate(rate, slo)
      const { disturbed } = rate
      emit({
        type: 'rate-tried',
        search: searched,
        ratePerS,
        durationS,
        met,
        missed,
        disturbed,
        elapsedS: elapsedS(),
      })
      return { passed: met, missed }
    }
    const plan = { ...planOf(search), budgetS: budgetS - elapsedS() - LAUNCH_S / 3 }
    const found = await searchHighestRate<JudgedTrial>(plan, { nowS: () => instrument.nowS(), signal, trial })
    signal.throwIfAborted()
    const result = { ...found, tookS: elapsedS() }
    const { passedPerS, failedPerS, ended, tookS } = result
    emit({ type: 'search-finished', search: searched, passedPerS, failedPerS, ended, tookS })
    return { result, measured }
  })
}

function labelOf({ model, workers, objective }: SearchedServer): string {
  return `searching ${objective}, ${model}, ${countText(workers, 'worker')}`
}

function planOf({ lowestPerS, highestPerS, likely, budgetS, width }: RateSearch): SearchPlan {
  const { lowPerS, highPerS } = likely ?? { lowPerS: lowestPerS, highPerS: highestPerS }
  const wantedS = REQUESTS / Math.sqrt(lowPerS * highPerS)
  // A search takes some four scouts of half the length and nine trials of full length: shorter ones in a small budget.
  const affordableS = (budgetS - LAUNCH_S - 13 * OVERHEAD_S) / 11
  const trialS = Math.max(TRIAL_S.shortest, Math.min(TRIAL_S.longest, wantedS, affordableS))
  return {
    lowestPerS: rounded(lowestPerS),
    highestPerS: rounded(highestPerS),
    ...(likely === undefined ? {} : { likely: { lowPerS: rounded(lowPerS), highPerS: rounded(highPerS) } }),
    width,
    trialS,
    scoutS: trialS / 2,
    budgetS,
    overheadS: OVERHEAD_S,
  }
}

function rounded(ratePerS: number): number {
  return Number(ratePerS.toPrecision(3))
}
