import { ForkwiseError } from '../../core/errors.ts'
import type { Answer } from './answers.ts'
import { differingRegion } from './body-differences.ts'
import { differencesOf, type Difference, type EqualityLevel } from './differences.ts'

/** What is not compared: where the baseline differs from itself, and what the user has named. */
export interface Noise {
  /** Places by the key of the request. */
  readonly places: ReadonlyMap<string, ReadonlySet<string>>
  /** For places in text: what stays the same around the stretch that varies, by {@link frameKey}. */
  readonly frames: ReadonlyMap<string, TextFrame>
  readonly ignored: readonly IgnoredPlace[]
}

interface TextFrame {
  readonly before: string
  readonly after: string
}

/** A place that the user has named: `$.now`, `$.items[*].id`, `$..id`, `header:x-request-id` or `body`. */
export interface IgnoredPlace {
  readonly text: string
  readonly pattern: RegExp
}

/** Nothing is noise. */
export const NO_NOISE: Noise = { places: new Map(), frames: new Map(), ignored: [] }

/**
 * Learns from several answers of the baseline to the same requests what of them varies by itself. The first answer is the
 * one that others are compared with.
 */
export function learnNoise(
  answers: readonly Answer[],
  level: EqualityLevel,
  ignored: readonly IgnoredPlace[] = [],
): Noise {
  const places = new Map<string, Set<string>>()
  const frames = new Map<string, TextFrame>()
  for (const [key, [first, ...others]] of groupByKey(answers)) {
    for (const other of first === undefined ? [] : others) {
      // A status that varies is no noise: one of the two is wrong.
      for (const difference of differencesOf(first as Answer, other, level).filter(({ place }) => place !== 'status')) {
        places.set(key, (places.get(key) ?? new Set()).add(noisyPlace(difference)))
        if (!isText(difference.place)) continue
        const frame = frameOf(textAt(first as Answer, difference.place), textAt(other, difference.place))
        frames.set(frameKey(key, difference.place), narrower(frame, frames.get(frameKey(key, difference.place))))
      }
    }
  }
  return { places, frames, ignored }
}

/** The differences that are no noise. */
export function withoutNoise(got: Answer, differences: readonly Difference[], noise: Noise): Difference[] {
  const known = noise.places.get(got.key) ?? new Set()
  return differences.filter((difference) => {
    const { place } = difference
    if (noise.ignored.some(({ pattern }) => pattern.test(place))) return false
    if (!isText(place)) return !known.has(noisyPlace(difference)) && !isBelow(place, known)
    const frame = noise.frames.get(frameKey(got.key, place))
    const whole = noise.frames.get(frameKey(got.key, 'text'))
    return !fits(textAt(got, place), frame) && !fits(got.body.toString(), whole)
  })
}

/** What varies, in words for a report: one sentence for each request. */
export function describeNoise(answers: readonly Answer[], { places }: Noise, baseline: string): string[] {
  const requests = new Map(answers.map(({ key, request }) => [key, request]))
  return [...places].map(([key, found]) => {
    const names = [...new Set([...found].map((place) => place.replaceAll(/\[\d+\]/g, '[*]')))]
    const shown = names.length > 6 ? [...names.slice(0, 6), `${names.length - 6} more`] : names
    return `${requests.get(key) ?? key}: ${shown.join(', ')} ${names.length === 1 ? 'varies' : 'vary'} from answer to answer of ${baseline}; the answers are compared without.`
  })
}

/** Reads what `--ignore` names. Throws a usage error. */
export function parseIgnored(text: string, option: string): IgnoredPlace {
  const header = /^header:([\w-]+)$/.exec(text)?.[1]
  if (header !== undefined) return { text, pattern: new RegExp(`^header ${header.toLowerCase()}$`) }
  if (text === 'body') return { text, pattern: /^(\$.*|line \d+|text|body|notation)$/s }
  const steps = /^\$((?:\.\.?(?:[\w$-]+|\*)|\[(?:\d+|\*|"[^"]*")\])+)$/.exec(text)?.[1]
  if (steps === undefined) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`${option}\` to be a JSON path, a header or the body, got "${text}".`,
      hint: 'Write it like $.now, $.items[*].id, $..requestId, header:x-request-id or body.',
    })
  }
  const parts = steps.match(/\.\.?(?:[\w$-]+|\*)|\[(?:\d+|\*|"[^"]*")\]/g) ?? []
  return { text, pattern: new RegExp(`^\\$${parts.map(patternOf).join('')}(?:[.[].*)?$`, 's') }
}

const ANY_STEP = String.raw`(?:\.[\w$-]+|\[(?:\d+|"[^"]*")\])`

function patternOf(step: string): string {
  if (step === '[*]') return String.raw`\[\d+\]`
  if (step === '.*') return ANY_STEP
  if (step === '..*') return `${ANY_STEP}+`
  if (step.startsWith('..')) return `${ANY_STEP}*${escaped(step.slice(1))}`
  return escaped(step)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}

/** A key of an object that some answers lack stands for all such keys: those of a map may be new in every answer. */
function noisyPlace({ place, optionalIn }: Difference): string {
  return optionalIn === undefined ? place : `keys of ${optionalIn}`
}

/** A place within one that varies as a whole, as an array of varying length does. */
function isBelow(place: string, known: ReadonlySet<string>): boolean {
  return [...known].some((one) => one.startsWith('$') && place.startsWith(one) && /^[.[]/.test(place.slice(one.length)))
}

function isText(place: string): boolean {
  return place === 'text' || place.startsWith('line ')
}

function frameKey(key: string, place: string): string {
  return `${key} ${place}`
}

/** The text at a place that {@link isText}: a line, or all of it. */
function textAt({ body }: Answer, place: string): string {
  const text = body.toString()
  return place === 'text' ? text : (text.split('\n')[Number(place.slice('line '.length)) - 1] ?? '')
}

function frameOf(a: string, b: string): TextFrame {
  const { from, to } = differingRegion(a, b)
  return { before: a.slice(0, from), after: a.slice(a.length - to) }
}

/** What two frames of the same text have in common. */
function narrower(a: TextFrame, b: TextFrame = a): TextFrame {
  return {
    before: a.before.length < b.before.length ? a.before : b.before,
    after: a.after.length < b.after.length ? a.after : b.after,
  }
}

function fits(text: string, frame: TextFrame | undefined): boolean {
  if (frame === undefined) return false
  const { before, after } = frame
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
}

function groupByKey(answers: readonly Answer[]): Map<string, Answer[]> {
  const groups = new Map<string, Answer[]>()
  for (const answer of answers) groups.set(answer.key, [...(groups.get(answer.key) ?? []), answer])
  return groups
}
