import { ForkwiseError } from './errors.ts'
import { quoted } from './quotes.ts'

const DURATION_S: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }
const RATE_PER_S: Record<string, number> = { s: 1, sec: 1, m: 1 / 60, min: 1 / 60, h: 1 / 3600 }

/** Seconds in a duration like `10s`, `200ms`, `1.5m`, `1m30s`; throws a usage error that names the option. */
export function parseDurationS(text: string, option: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(us|ms|s|m|h)/gy)]
  const matched = parts.reduce((length, part) => length + part[0].length, 0)
  const seconds = parts.reduce((sum, part) => sum + Number(part[1]) * (DURATION_S[part[2] as string] as number), 0)
  const isWritten = parts.length > 0 && matched === text.trim().length
  if (!isWritten || !(seconds > 0)) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`${option}\` to be a duration ${isWritten ? 'above 0' : 'with a unit'}, got ${quoted(text)}.`,
      hint: 'Write it like 10s, 200ms or 1m30s.',
    })
  }
  return seconds
}

/** Requests per second in a rate like `900`, `900/s`, `54000/min`; throws a usage error that names the option. */
export function parseRatePerS(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\s*\/\s*(sec|s|min|m|h))?$/.exec(text.trim())
  const rate = match === null ? Number.NaN : Number(match[1]) * (RATE_PER_S[match[2] ?? 's'] as number)
  if (!(rate > 0)) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`${option}\` to be a rate above 0, got ${quoted(text)}.`,
      hint: 'Write it in plain digits, like 900 or 900/s, or 54000/min.',
    })
  }
  return rate
}

/** A whole number within bounds; throws a usage error that names the option and the bounds. */
export function parseCount(text: string, option: string, min: number, max: number): number {
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (!(count >= min && count <= max)) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`${option}\` to be a whole number from ${min} to ${max}, got ${quoted(text)}.`,
    })
  }
  return count
}

/** A duration for people: `85 µs`, `4.2 ms`, `1.5 s`, `2 min 5 s`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds === 0) return '0 s'
  if (seconds < 1e-3) return `${significant(seconds * 1e6)} µs`
  if (seconds < 1) return `${significant(seconds * 1e3)} ms`
  if (seconds < 60) return `${significant(seconds)} s`
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
}

/** A rate for people: `4,210/s`, `87.3/s`. */
export function formatRate(perS: number): string {
  return `${formatCount(perS)}/s`
}

/** A number for people: three significant digits below 1,000, whole with thousands separators above. */
export function formatCount(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : significant(value)
}

/** Bytes for people, in binary units: `73.1 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${significant(bytes / 1024 ** power)} ${units[power] as string}`
}

/** Three significant digits without exponent or trailing zeros after the point. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  const text = value.toFixed(Math.min(digits, 12))
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/**
 * How many decimals a ratio and the bounds of its interval are printed with: three near 1, where a difference of a few
 * thousandths decides, else two, or as many as two significant digits need.
 */
export function ratioDecimals(ratio: number): number {
  if (!(ratio > 0)) return 2
  return Math.abs(ratio - 1) < 0.1 ? 3 : Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(ratio))))
}

/** How many cores, e.g. `1 core`, `2 cores`. */
export function coresText(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`
}
