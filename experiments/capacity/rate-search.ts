import type { JudgedTrial } from '../../analysis/capacity/objective/capacity-result.ts'
import { judgeRate } from '../../analysis/capacity/objective/rate-table.ts'
import { searchHighestRate, type SearchPlan, type SearchResult } from '../../analysis/capacity/objective/slo-search.ts'
import type { Slo } from '../../analysis/capacity/objective/slo.ts'
import { SEARCH_BLOCK, type MeasuredRate } from '../../core/capacity.ts'
import { formatDuration, formatRate } from '../../core/quantities.ts'
import { deriveSeed } from '../../core/random.ts'
import { measureRate } from './slices.ts'
import type { Subject } from './subject.ts'
import type { Terminal } from '../../cli/command.ts'
import type { MeasuringRun } from './measuring-run.ts'

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

/**
 * Searches the highest rate within an objective over one launch of a server. A trial that outside signals speak against
 * is run once more while the budget lasts, whatever it found.
 */
export async function searchRate(
  subject: Subject,
  search: RateSearch,
  { context }: Pick<MeasuringRun, 'context'>,
  terminal: Terminal,
): Promise<FoundRate> {
  const startedMs = performance.now()
  const measured: MeasuredRate[] = []
  const plan = planOf(search)
  const { signal } = context
  try {
    return await subject.run(search.workers, async (server, sized) => {
      const launchedS = (performance.now() - startedMs) / 1000
      const result = await searchHighestRate<JudgedTrial>(
        { ...plan, budgetS: search.budgetS - launchedS - LAUNCH_S / 3 },
        {
          nowS: () => performance.now() / 1000,
          signal,
          async trial(ratePerS, durationS) {
            const elapsedS = (performance.now() - startedMs) / 1000
            terminal.live(
              `searching ${search.slo.text}: ${formatRate(ratePerS)}, ${formatDuration(Math.round(elapsedS))} of ${formatDuration(search.budgetS)}`,
            )
            const measure = async (): Promise<MeasuredRate> => {
              const seed = deriveSeed(search.seed, 'search', measured.length)
              const task = { block: SEARCH_BLOCK, workers: search.workers, ratePerS, durationS, seed }
              const found = await measureRate(subject, server, task, sized)
              measured.push(found)
              return found
            }
            const first = await measure()
            const leftS = search.budgetS - (performance.now() - startedMs) / 1000
            const again = first.disturbed.length > 0 && leftS > durationS + OVERHEAD_S + LAUNCH_S
            const rate = again ? await measure() : first
            const { met, missed } = judgeRate(rate, search.slo)
            return { passed: met, missed }
          },
        },
      )
      return { result: { ...result, tookS: (performance.now() - startedMs) / 1000 }, measured }
    })
  } finally {
    terminal.live('')
  }
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
