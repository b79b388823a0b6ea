import { endsWithinSecond, type ShownSecond } from '../analysis/timeline/current-figures.ts'
import { boundText } from '../analysis/timeline/heat.ts'
import { DURATION_BUCKETS_S } from '../core/metrics.ts'
import { formatBytes, formatDuration } from '../core/quantities.ts'
import { figureText, msFigure, NOTHING, rateFigure } from './figures.ts'
import type { LoadPhase, LoadSecondFigures, UnitFigures } from '../core/timeline.ts'
import type { LoadColumn, Timeline } from '../analysis/timeline/state.ts'
import type { Lane, LaneState } from '../analysis/timeline/lane.ts'

/** A figure with what it is called. */
export type Labelled = readonly [name: string, text: string]

/** States in words. */
export const STATE_WORDS: Readonly<Record<LaneState, string>> = {
  alive: 'alive',
  running: 'running, no heartbeat',
  blocked: 'blocked',
  stopped: 'stopped',
  silent: 'does not answer',
  left: 'left',
  gone: 'gone',
}

/** The figures of one second of load, formatted as the reports format them. */
export function loadTexts(second: LoadSecondFigures | null): readonly Labelled[] {
  const offered = second?.offeredPerS ?? null
  const lateness = second?.latenessP99Ms ?? null
  return [
    ['Offered', second === null ? NOTHING : offered === null ? 'as fast as answered' : figureText(rateFigure(offered))],
    ['Answered', second === null ? NOTHING : figureText(rateFigure(second.ratePerS))],
    ['Failed', second === null ? NOTHING : figureText(rateFigure(second.failed))],
    ['In flight', countText(second?.inFlight ?? null)],
    ['p50', msText(second?.p50Ms ?? null)],
    ['p99', msText(second?.p99Ms ?? null)],
    ...(lateness === null ? [] : [['Sent late, p99', msText(lateness)] as const]),
    ['Generator busy', shareText(second?.generatorBusy ?? null)],
  ]
}

/** Parts of a load in words. */
const PHASE_WORDS: Readonly<Record<LoadPhase, string>> = {
  warmup: 'warm-up',
  counting: 'counted',
  draining: 'waiting for the last answers',
}

/** Which second the figures of the load are of; `startMs`: when the run began. */
export function loadMomentText(
  { second, isCurrent }: ShownSecond,
  { end }: Pick<Timeline, 'end'>,
  startMs: number,
): string {
  const until = `until ${clockText(second.atMs - startMs)}`
  const span = spanText(second)
  if (isCurrent) return `the ${span} ${until}, ${PHASE_WORDS[second.phase]}`
  const last = endsWithinSecond(second)
    ? `the last ${span}`
    : `the last ${second.phase === 'counting' ? 'whole ' : ''}second`
  const of = second.phase === 'counting' ? '' : `, ${PHASE_WORDS[second.phase]}`
  return `${last}, ${until}${of}; ${end === null ? 'no load now' : 'the run is over'}`
}

/** How long what the generator counted last took: a second, or the part of one with which a slice ended. */
export function spanText(second: LoadSecondFigures): string {
  return endsWithinSecond(second) ? `${(second.elapsedS - Math.floor(second.elapsedS)).toFixed(2)} s` : 'second'
}

/** What is known of one second of load: its figures, and how its latencies are spread, of one route where that is named; `startMs`: when the run began. */
export function secondText(second: LoadColumn, startMs: number, route: string = ''): string {
  const figures = loadTexts(second).map(([name, text]) => `${name} ${text}`)
  const counts = route === '' ? second.counts : (second.routes?.[route] ?? [])
  const total = counts.reduce((sum, count) => sum + count, 0)
  const spread = counts.flatMap((count, row) =>
    count === 0
      ? []
      : [`${DURATION_BUCKETS_S[row] === undefined ? '' : '≤ '}${boundText(row)}: ${shareText(count / total)}`],
  )
  return `The ${spanText(second)} until ${clockText(second.atMs - startMs)}: ${figures.join(', ')}.${spread.length === 0 ? '' : ` Latencies${route === '' ? '' : ` of ${route}`} ${spread.join(', ')}.`}`
}

/** The figures of one second of a unit. */
export function unitTexts(figures: UnitFigures | null): readonly Labelled[] {
  return [
    [
      'CPU',
      figures?.cpuCores === undefined || figures.cpuCores === null ? NOTHING : `${figures.cpuCores.toFixed(2)} cores`,
    ],
    [
      'requests',
      figures?.ratePerS === undefined || figures.ratePerS === null ? NOTHING : figureText(rateFigure(figures.ratePerS)),
    ],
    ['loop busy', shareText(figures?.utilization ?? null)],
    ['in hand', countText(figures?.active ?? null)],
    ['connections', countText(figures?.connections ?? null)],
    ['memory', figures?.rssBytes === undefined || figures.rssBytes === null ? NOTHING : formatBytes(figures.rssBytes)],
  ]
}

/** What a unit is doing, and for how long where it is of no use. */
export function stateText({ state, sinceMs, endedAtMs }: Lane, nowMs: number): string {
  const troubled = state === 'blocked' || state === 'stopped' || state === 'silent'
  return troubled && endedAtMs === null
    ? `${STATE_WORDS[state]} for ${((nowMs - sinceMs) / 1000).toFixed(1)} s`
    : STATE_WORDS[state]
}

/** How long a unit lives or lived. */
export function ageText({ bornAtMs, endedAtMs }: Lane, nowMs: number): string {
  return formatDuration(Math.max(0, Math.floor(((endedAtMs ?? nowMs) - bornAtMs) / 1000)))
}

/** The moment that is shown, as time since the run began; the same on every clock of the page and the terminal. */
export function momentText({ startedAtMs, nowMs }: Pick<Timeline, 'startedAtMs' | 'nowMs'>): string {
  return startedAtMs === null ? '' : clockText(nowMs - startedAtMs)
}

/** Time since the start as `m:ss`. */
export function clockText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

/** Milliseconds as the reports print them. */
export function msText(ms: number | null): string {
  return ms === null ? NOTHING : figureText(msFigure(ms))
}

function shareText(share: number | null): string {
  return share === null ? NOTHING : `${(share * 100).toFixed(0)} %`
}

function countText(count: number | null): string {
  return count === null ? NOTHING : String(count)
}
