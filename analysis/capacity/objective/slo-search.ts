/** The answer of one trial at one rate. */
export interface SearchTrial {
  readonly passed: boolean
}

/** How to search for the highest rate that meets an objective. */
export interface SearchPlan {
  /** Rates between which the answer is sought; both may turn out to be no bound at all. */
  readonly lowestPerS: number
  readonly highestPerS: number
  /** Where the answer is expected; the search begins there and goes beyond when it is not. Default: the whole range. */
  readonly likely?: { readonly lowPerS: number; readonly highPerS: number }
  /** The two bounds found differ by at most this share of the upper one. */
  readonly width: number
  /** Length of a trial that counts, in seconds, and of one that only shows where to look. */
  readonly trialS: number
  readonly scoutS: number
  /** Seconds that all trials together may take, with what each takes besides its length. */
  readonly budgetS: number
  readonly overheadS: number
}

/** One trial that was run. */
export interface SearchStep<Trial extends SearchTrial> {
  readonly ratePerS: number
  readonly durationS: number
  readonly trial: Trial
}

/** What a search found. */
export interface SearchResult<Trial extends SearchTrial> {
  /** Highest rate that passed, confirmed by most of three or more trials; null when none did. */
  readonly passedPerS: number | null
  /** Lowest rate above it that failed, confirmed likewise; null when none did. */
  readonly failedPerS: number | null
  readonly ended: 'width' | 'budget' | 'interrupted' | 'below-lowest' | 'above-highest'
  /** Whether both bounds are confirmed and within the width. */
  readonly exact: boolean
  readonly steps: readonly SearchStep<Trial>[]
  readonly tookS: number
}

/** What a search needs of its surroundings. */
export interface SearchSurroundings<Trial extends SearchTrial> {
  /** Runs one trial; rejects only when nothing can be measured at all. */
  trial(ratePerS: number, durationS: number): Promise<Trial>
  /** Seconds on a clock of one's own. */
  nowS(): number
  readonly signal?: AbortSignal
}

/** Trials that a bound needs, and those it may take when they disagree. */
const LEAST_TRIALS = 3
const MOST_TRIALS = 5

/**
 * Searches for the highest rate that meets an objective, in the manner of MLRsearch (RFC 9971): short trials show where
 * to look (one that speaks against what is expected is repeated in full length before the search turns away), then both bounds are confirmed by trials of full length, a rate counting as passed when more than half of at
 * least three trials pass. Results that contradict the order of rates are settled towards the lower one: the upper bound
 * is the lowest rate that failed, the lower bound the highest that passed below it. No trial is begun that would end
 * after the budget, and when what is left is just enough to confirm the lower bound, it is spent on that: so is what a
 * lower rate would need, while trials of the lower bound disagree.
 */
export async function searchHighestRate<Trial extends SearchTrial>(
  plan: SearchPlan,
  surroundings: SearchSurroundings<Trial>,
): Promise<SearchResult<Trial>> {
  const startedS = surroundings.nowS()
  const steps: SearchStep<Trial>[] = []
  const finish = (ended: SearchResult<Trial>['ended']): SearchResult<Trial> => {
    const { passedPerS, failedPerS } = confirmedBounds(steps, plan)
    const exact = passedPerS !== null && failedPerS !== null && isNarrow(passedPerS, failedPerS, plan.width)
    return { passedPerS, failedPerS, ended, exact, steps, tookS: surroundings.nowS() - startedS }
  }
  for (;;) {
    const next = nextTrial(steps, plan, plan.budgetS - (surroundings.nowS() - startedS))
    if ('ended' in next) return finish(next.ended)
    if (isAborted(surroundings.signal)) return finish('interrupted')
    const trial = await surroundings.trial(next.ratePerS, next.durationS)
    if (isAborted(surroundings.signal)) return finish('interrupted')
    steps.push({ ...next, trial })
  }
}

type Ended = SearchResult<SearchTrial>['ended']
type Next = { readonly ratePerS: number; readonly durationS: number } | { readonly ended: Ended }

/**
 * Decides the next trial from those that were run and the seconds left: a pure function, so that a search can be
 * replayed.
 */
export function nextTrial(steps: readonly SearchStep<SearchTrial>[], plan: SearchPlan, leftS: number): Next {
  const verdicts = verdictsOf(steps, plan)
  const failed = verdicts.find((verdict) => verdict.failing)
  const passed = verdicts.findLast(
    (verdict) => !verdict.failing && (failed === undefined || verdict.ratePerS < failed.ratePerS),
  )
  const next = wanted(passed, failed, verdicts.length, plan)
  if ('ended' in next) return next
  const eachS = plan.trialS + plan.overheadS
  const tookS = next.durationS + plan.overheadS
  const missing = (verdict: RateVerdict | undefined): number =>
    verdict === undefined ? 0 : Math.max(0, LEAST_TRIALS - (verdict.scouted ? 0 : verdict.trials))
  const lower = verdicts.findLast(
    (verdict) => !verdict.failing && passed !== undefined && verdict.ratePerS < passed.ratePerS,
  )
  const isContested = passed !== undefined && !passed.scouted && passed.passes < passed.trials && !isSettled(passed)
  // What confirms an answer: the lower bound, or the rate below it while the trials of the bound disagree.
  const fallback = isContested ? lower : passed
  const isThat = 'ratePerS' in next && next.ratePerS === fallback?.ratePerS && next.durationS >= plan.trialS
  if (tookS + (missing(fallback) - (isThat ? 1 : 0)) * eachS <= leftS) return next
  for (const answer of [fallback, lower]) {
    if (answer !== undefined && missing(answer) > 0 && missing(answer) * eachS <= leftS)
      return full(answer.ratePerS, plan)
  }
  return { ended: 'budget' }
}

function wanted(
  passed: RateVerdict | undefined,
  failed: RateVerdict | undefined,
  rates: number,
  plan: SearchPlan,
): Next {
  const { lowestPerS, highestPerS, likely } = plan
  if (passed === undefined) {
    if (failed === undefined) return scout(likely?.lowPerS ?? lowestPerS, plan)
    if (failed.scouted && failed.ratePerS === likely?.lowPerS) return full(failed.ratePerS, plan)
    if (failed.ratePerS > lowestPerS)
      return scout(Math.max(lowestPerS, likely === undefined ? 0 : failed.ratePerS / 2), plan)
    return settle(failed, plan) ?? { ended: 'below-lowest' }
  }
  if (failed === undefined) {
    if (passed.ratePerS >= highestPerS) return settle(passed, plan) ?? { ended: 'above-highest' }
    if (likely !== undefined && passed.ratePerS < likely.highPerS) return scout(likely.highPerS, plan)
    const step = rates === 1 ? Math.sqrt(highestPerS / lowestPerS) : 2
    return scout(Math.min(highestPerS, passed.ratePerS * (likely === undefined ? Math.max(1.2, step) : 1.3)), plan)
  }
  if (isNarrow(passed.ratePerS, failed.ratePerS, plan.width)) {
    return settle(passed, plan) ?? settle(failed, plan) ?? { ended: 'width' }
  }
  const middle = Number(Math.sqrt(passed.ratePerS * failed.ratePerS).toPrecision(4))
  return isNarrow(passed.ratePerS, failed.ratePerS, 4 * plan.width) ? full(middle, plan) : scout(middle, plan)
}

interface RateVerdict {
  readonly ratePerS: number
  /** The trials that count: those of full length, or the scouts while there is none. */
  readonly passes: number
  readonly trials: number
  readonly scouted: boolean
  readonly failing: boolean
}

/** What is known of each rate, ascending. */
function verdictsOf(steps: readonly SearchStep<SearchTrial>[], plan: SearchPlan): RateVerdict[] {
  const rates = [...new Set(steps.map((step) => step.ratePerS))].sort((a, b) => a - b)
  return rates.map((ratePerS) => {
    const all = steps.filter((step) => step.ratePerS === ratePerS)
    const counting = all.filter((step) => step.durationS >= plan.trialS)
    const scouted = counting.length === 0
    const used = scouted ? all : counting
    const passes = used.filter((step) => step.trial.passed).length
    return { ratePerS, passes, trials: used.length, scouted, failing: passes * 2 <= used.length }
  })
}

/** The trial a bound still needs to be confirmed; null when it is. */
function settle(verdict: RateVerdict, plan: SearchPlan): Next | null {
  return isSettled(verdict) ? null : full(verdict.ratePerS, plan)
}

/** Three trials settle a rate if they agree; else five. */
function isSettled({ scouted, trials, passes }: RateVerdict): boolean {
  if (scouted || trials < LEAST_TRIALS) return false
  return trials >= MOST_TRIALS || passes === 0 || passes === trials
}

function confirmedBounds(
  steps: readonly SearchStep<SearchTrial>[],
  plan: SearchPlan,
): { passedPerS: number | null; failedPerS: number | null } {
  const verdicts = verdictsOf(steps, plan).filter((verdict) => !verdict.scouted && verdict.trials >= LEAST_TRIALS)
  const failedPerS = verdicts.find((verdict) => verdict.failing)?.ratePerS ?? null
  const below = verdicts.filter(({ ratePerS, failing }) => !failing && (failedPerS === null || ratePerS < failedPerS))
  return { passedPerS: below.at(-1)?.ratePerS ?? null, failedPerS }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function isNarrow(passedPerS: number, failedPerS: number, width: number): boolean {
  return failedPerS - passedPerS <= width * failedPerS
}

function scout(ratePerS: number, plan: SearchPlan): Next {
  return { ratePerS, durationS: plan.scoutS }
}

function full(ratePerS: number, plan: SearchPlan): Next {
  return { ratePerS, durationS: plan.trialS }
}
