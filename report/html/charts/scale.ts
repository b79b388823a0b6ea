/** Maps values to positions on one axis, with the values at which the axis has its ticks. */
export interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

/** A linear axis over a domain, its ends moved out to round values. */
export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  wanted: number = 4,
): Scale {
  const span = high > low ? high - low : Math.abs(high) || 1
  const step = niceStep(span / wanted)
  const [least, most] = [Math.floor(low / step + 1e-9) * step, Math.ceil((low + span) / step - 1e-9) * step]
  const first = Math.ceil(least / step - 1e-9)
  const count = Math.floor((most - least) / step + 1e-9) + 1
  const ticks = Array.from({ length: count }, (_, index) => tidy((first + index) * step)).filter(
    (tick) => tick <= most + 1e-9,
  )
  return { ticks, at: (value) => from + ((value - least) / (most - least)) * (to - from) }
}

/** A logarithmic axis; ticks at 1, 2 and 5 times powers of ten, or at the powers alone over many decades. */
export function logScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const least = Math.max(low, Number.MIN_VALUE)
  const most = Math.max(high, least * 1.0001)
  const decades = Math.log10(most / least)
  const multiples =
    decades > 3
      ? [1]
      : decades > 1.6
        ? [1, 3]
        : decades > 1
          ? [1, 2, 5]
          : decades > 0.3
            ? [1, 1.5, 2, 3, 5, 7]
            : [1, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9]
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const multiple of multiples) {
      const tick = tidy(multiple * 10 ** power)
      if (tick >= least * 0.999 && tick <= most * 1.001) ticks.push(tick)
    }
  }
  const kept = decades > 6 ? ticks.filter((_, index) => index % Math.ceil(decades / 6) === 0) : ticks
  return {
    ticks: kept,
    at: (value) => from + (Math.log(Math.max(value, least) / least) / Math.log(most / least)) * (to - from),
  }
}

/** Logarithmic when the values span more than a decade, else linear around them. */
export function fittingScale(
  values: readonly number[],
  range: readonly [number, number],
): Scale & { readonly log: boolean } {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value))
  let [low, high] = [Infinity, 0]
  for (const value of positive) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (positive.length === 0) return { ...linearScale([0, 1], range), log: false }
  if (high / low > 8) return { ...logScale([low / 1.15, high * 1.15], range), log: true }
  const room = (high - low) * 0.1 || high * 0.1
  return { ...linearScale([Math.max(0, low - room), high + room], range), log: false }
}

/** A tick's label: as few digits as tell it from its neighbours. */
export function tickLabel(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${tidy(value / 1e6)}M`
  if (size >= 1e4) return `${tidy(value / 1e3)}k`
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}

/** A linear axis of seconds whose ticks are whole seconds, minutes or hours. */
export function timeScale(lengthS: number, [from, to]: readonly [number, number], wanted: number = 8): Scale {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]
  const stepS = steps.find((step) => lengthS / step <= wanted) ?? 86_400 * Math.ceil(lengthS / 86_400 / wanted)
  const ticks = Array.from({ length: Math.floor(lengthS / stepS) + 1 }, (_, index) => index * stepS)
  return { ticks, at: (seconds) => from + (seconds / lengthS) * (to - from) }
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const fraction = raw / power
  return power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 2.5 ? 2.5 : fraction <= 5 ? 5 : 10)
}

function tidy(value: number): number {
  return Number(value.toPrecision(10))
}
