import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { LoadSecond } from '../core/load.ts'
import type { MeasuredTrial } from '../core/records.ts'
import { type LoadSecondFigures, type TimelineItem, timelineUnit } from '../core/timeline.ts'
import { CAPACITY_MANIFEST, RESULTS } from '../store/capacity-files.ts'
import { readMeasurementFiles } from '../store/capacity-folder.ts'
import { readRun } from '../store/comparison-folder.ts'
import { type FolderKind, isComplete } from '../store/folder-kind.ts'
import { FolderReader } from '../store/folder-reader.ts'
import { readDrillFolder } from '../store/drill-folder.ts'
import { readLabRecording } from '../store/lab-folder.ts'
import { readResilienceRun } from '../store/resilience-folder.ts'
import { hasTimeline, TIMELINE } from '../store/timeline-file.ts'
import { reportedVerdicts } from './reported-verdicts.ts'

/** What is lacking without a timeline, and what there is all the same. */
function lacksText(dir: string): string {
  const why = !hasTimeline(dir)
    ? 'This run has no timeline; older versions kept none'
    : statSync(join(dir, TIMELINE.name)).size === 0
      ? 'The timeline of this run is empty'
      : 'The timeline of this run is cut off within its first line'
  return `${why}: there are no heartbeats, no figures of single units and no histograms of single seconds. Shown is what its other files hold. \`npx forkwise report DIR\` has all that was found; a run with this version can be watched in full.`
}

/**
 * What can be shown of a run without a timeline, from its other files: its launches and the seconds of their loads, where
 * they were kept, and what was decided about them. A mark says what is missing. Throws RESULT_INVALID when it cannot be read.
 */
export function recordedItems(dir: string, kind: FolderKind): readonly TimelineItem[] {
  const items = {
    comparison: comparisonItems,
    resilience: resilienceItems,
    capacity: capacityItems,
    lab: labItems,
    drill: drillItems,
  }[kind](dir)
  const [first, last] = [items[0]?.atMs ?? 0, items.at(-1)?.atMs ?? 0]
  const complete = isComplete(dir)
  return [
    ...items.slice(0, 1),
    { kind: 'mark', atMs: first, level: 'warning', text: lacksText(dir) },
    ...items.slice(1),
    ...reportedVerdicts(dir, last),
    {
      kind: 'end',
      atMs: last,
      text: complete
        ? 'The run is over.'
        : 'The run stopped, goes on, or is one of a version that did not say: nothing tells which.',
      failed: false,
    },
  ]
}

function comparisonItems(dir: string): readonly TimelineItem[] {
  const { manifest, trials, blocks } = readRun(dir)
  const startMs = Date.parse(manifest.createdAt)
  const items = trials.flatMap((trial): TimelineItem[] => {
    const atMs = trial.startedAtMs
    const begun: TimelineItem[] = [{ kind: 'step', atMs, label: trial.id }]
    if (trial.outcome === 'failed') {
      return [...begun, { kind: 'mark', atMs, level: 'warning', text: `${trial.id} failed: ${trial.error.message}` }]
    }
    return [...begun, ...trialItems(trial)]
  })
  const ends = new Map(trials.map(({ workload, block, startedAtMs }) => [`${workload} ${block}`, startedAtMs]))
  const marks = blocks.map(({ block, workload, kept, reasons }): TimelineItem => {
    const atMs = ends.get(`${workload} ${block}`) ?? startMs
    return kept
      ? { kind: 'mark', atMs, level: 'info', text: `block ${block}, ${workload} is kept` }
      : { kind: 'mark', atMs, level: 'warning', text: `block ${block}, ${workload} is dropped: ${reasons[0] ?? ''}` }
  })
  const all = [...items, ...marks].toSorted((a, b) => a.atMs - b.atMs)
  return [begin('compare', manifest.id, startMs), ...all]
}

function trialItems(trial: MeasuredTrial): readonly TimelineItem[] {
  const { id, startedAtMs, startS, warmup, saturation, latency, units } = trial
  const readyMs = startedAtMs + 1000 * startS
  const loadMs = readyMs + 1000 * (warmup?.tookS ?? 0)
  const slices = latency === null ? [saturation] : [saturation, latency]
  let fromMs = loadMs
  const loads = slices.flatMap(({ load }) => {
    const offered = load.load.kind === 'open' ? load.load.ratePerS : null
    const items = loadItems(load.seconds, fromMs, offered)
    fromMs += 1000 * load.countedS
    return items
  })
  return [
    { kind: 'units', atMs: readyMs, launch: id, units: units.map(timelineUnit) },
    ...loads,
    { kind: 'units', atMs: fromMs, launch: id, units: [] },
  ]
}

function resilienceItems(dir: string): readonly TimelineItem[] {
  const { manifest, cells } = readResilienceRun(dir)
  let atMs = Date.parse(manifest.createdAt)
  const items: TimelineItem[] = [begin('resilience', manifest.id, atMs)]
  for (const cell of cells) {
    const { model, fault, repeat } = cell
    items.push({ kind: 'step', atMs, label: `${model} under ${fault}, launch ${repeat}` })
    if (cell.outcome === 'failed') {
      items.push({
        kind: 'mark',
        atMs,
        level: 'warning',
        text: `${model} under ${fault} failed: ${cell.error.message}`,
      })
      continue
    }
    const faultMs = atMs + 1000 * cell.injection.atS
    const marks: TimelineItem[] = [
      { kind: 'mark', atMs: faultMs, level: 'fault', text: `${fault} is injected into ${model}` },
      ...cell.service.map(({ atS, missing }): TimelineItem => ({
        kind: 'mark',
        atMs: faultMs + 1000 * atS,
        level: missing.length === 0 ? 'info' : 'warning',
        text: missing.length === 0 ? 'every unit is in service' : `in service: ${missing.join(', ')}`,
      })),
    ]
    items.push(...[...loadItems(cell.seconds, atMs, cell.ratePerS), ...marks].toSorted((a, b) => a.atMs - b.atMs))
    atMs = Math.max(atMs, ...items.map((item) => item.atMs)) + 1000
  }
  return items
}

function capacityItems(dir: string): readonly TimelineItem[] {
  const reader = new FolderReader(dir, 'forkwise scale, capacity, plan or validate-plan')
  const manifest = reader.record(CAPACITY_MANIFEST)
  const measurements = readMeasurementFiles(reader)
  reader.throwIfAny()
  const marks = measurements.flatMap(({ model, workload, saturations, rates }) => [
    ...saturations.map(
      ({ workers, throughputPerS }) =>
        `${model}, ${workload}, ${workers} workers: ${throughputPerS.toFixed(0)}/s at saturation`,
    ),
    ...rates.map(
      ({ workers, ratePerS, achievedPerS }) =>
        `${model}, ${workload}, ${workers} workers: ${achievedPerS.toFixed(0)} of ${ratePerS.toFixed(0)}/s answered`,
    ),
  ])
  // When each of them was measured was not kept.
  const atMs = manifest === null ? 0 : Date.parse(manifest.createdAt)
  return [
    begin(manifest?.experiment ?? experimentByResult(dir) ?? 'capacity', manifest?.id ?? basename(resolve(dir)), atMs),
    ...marks.map((text): TimelineItem => ({ kind: 'mark', atMs, level: 'info', text })),
  ]
}

/** What a run without a manifest was, by the file of its result. */
function experimentByResult(dir: string): string | undefined {
  const has = ({ name }: { readonly name: string }): boolean => existsSync(join(dir, name))
  if (has(RESULTS['validation.json'])) return 'validate-plan'
  if (has(RESULTS['plan.json'])) return 'plan'
  if (has(RESULTS['scale.json'])) return 'scale'
  return undefined
}

function labItems(dir: string): readonly TimelineItem[] {
  const { manifest, trials } = readLabRecording(dir)
  // When each of them ran was not kept.
  const atMs = Date.parse(manifest.createdAt)
  const steps = trials.map(({ case: name }): TimelineItem => ({
    kind: 'step',
    atMs,
    label: name,
  }))
  return [begin('lab', manifest.id, atMs), ...steps]
}

function drillItems(dir: string): readonly TimelineItem[] {
  const { manifest } = readDrillFolder(dir)
  return [begin('drill', manifest.id, Date.parse(manifest.createdAt))]
}

function begin(experiment: string, id: string, atMs: number): TimelineItem {
  return { kind: 'run', atMs, experiment, id, expectedS: null, steps: null }
}

function loadItems(seconds: readonly LoadSecond[], fromMs: number, offeredPerS: number | null): TimelineItem[] {
  return seconds.map(({ atS, ok, failed, p50Ms, p99Ms }) => {
    const second: LoadSecondFigures = {
      phase: 'counting',
      elapsedS: atS + 1,
      ratePerS: ok,
      offeredPerS,
      failed,
      inFlight: null,
      p50Ms,
      p99Ms,
      latenessP99Ms: null,
      generatorBusy: null,
      counts: [],
    }
    return { kind: 'load', atMs: fromMs + 1000 * (atS + 1), second }
  })
}
