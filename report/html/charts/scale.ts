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
  const step = fittingStep([low, low + span], wanted)
  const [least, most] = [Math.floor(low / step + 1e-9) * step, Math.ceil((low + span) / step - 1e-9) * step]
  const first = Math.ceil(least / step - 1e-9)
  const count = Math.floor((most - least) / step + 1e-9) + 1
  const ticks = Array.from({ length: count }, (_, index) => tidy((first + index) * step)).filter(
    (tick) => tick <= most + 1e-9,
  )
  return { ticks, at: (value) => from + ((value - least) / (most - least)) * (to - from) }
}

/** A logarithmic axis. Ticks are powers of ten, then round multiples of them as far as their labels have room. */
export function logScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const least = Math.max(low, Number.MIN_VALUE)
  const most = Math.max(high, least * 1.0001)
  const at = (value: number): number =>
    from + (Math.log(Math.max(value, least) / least) / Math.log(most / least)) * (to - from)
  const powers = Array.from(
    { length: Math.ceil(Math.log10(most)) - Math.floor(Math.log10(least)) + 1 },
    (_, index) => Math.floor(Math.log10(least)) + index,
  )
  const room = to > from ? 34 : 20
  const ticks: number[] = []
  for (const multiple of [1, 3, 2, 5, 1.5, 7, 4, 6, 8, 1.2, 9, 1.1, 1.3, 2.5]) {
    for (const power of powers) {
      const tick = tidy(multiple * 10 ** power)
      const inside = tick >= least * 0.999 && tick <= most * 1.001
      if (inside && ticks.every((other) => Math.abs(at(other) - at(tick)) >= room)) ticks.push(tick)
    }
  }
  return { ticks: ticks.sort((a, b) => a - b), at }
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

/** A tick's label: as few digits as distinguish it from its neighbours. */
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

/** A round step whose multiples leave at most a quarter of an axis from zero empty above the highest value. */
function fittingStep([low, high]: readonly [number, number], wanted: number): number {
  const step = niceStep((high - low) / wanted)
  const isRoomy = low === 0 && Math.ceil(high / step - 1e-9) * step > high * 1.25
  return isRoomy ? niceStep((high - low) / wanted / 2) : step
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const fraction = raw / power
  return power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 2.5 ? 2.5 : fraction <= 5 ? 5 : 10)
}

function tidy(value: number): number {
  return Number(value.toPrecision(10))
}
