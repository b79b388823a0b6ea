import { analyseResilience } from '../../../analysis/resilience/resilience.ts'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { CapacityFolder } from '../../../store/capacity-folder.ts'
import type { CapacityExperiment } from '../../../store/capacity-record.ts'
import type { CapacityResults } from '../../../store/capacity-files.ts'
import { RunStore } from '../../../store/comparison-folder.ts'
import type { LabTrial } from '../../../core/lab-record.ts'
import type { TimelineItem } from '../../../core/timeline.ts'
import { LabFolder } from '../../../store/lab-folder.ts'
import { readResilienceRun, ResilienceFolder } from '../../../store/resilience-folder.ts'
import { TimelineWriter } from '../../../store/timeline-file.ts'
import { faultedCell, manifestOf, RATES } from '../../analysis/synthetic-resilience.ts'
import { knownLab } from '../../report/lab/known-lab.ts'
import { recordedTimeline } from '../../recorded-timeline.ts'
import { knownFindings } from '../../report/capacity/findings.ts'
import { fixtureRun } from '../../report/fixture-run.ts'
import type { CommandCall } from './command-child.ts'

/** A whole folder of one kind, and the commands that read such a one, given where it lies. */
export interface WholeFolder {
  readonly kind: string
  readonly dir: string
  readonly calls: readonly ((dir: string) => CommandCall)[]
  /** The names of the files that are harmed; all without it. */
  readonly harmed?: RegExp
  /** Whether what a command says of a harmed folder is as true as what it says of the whole one; without it, the same. */
  readonly isAsTrue?: (said: string, right: string) => boolean
}

const report =
  (values: CommandCall['values']) =>
  (dir: string): CommandCall => ({ name: 'report', positionals: [dir], values })

const inFormats = (...formats: readonly string[]): WholeFolder['calls'] => [
  report({}),
  report({ json: true }),
  ...formats.map((format) => report({ format })),
]

const plan = (dir: string): CommandCall => ({
  name: 'plan',
  positionals: [],
  // Impossible, which is seen at once: what is tried is the reading, and a plan takes seconds to compute.
  values: { from: dir, rate: '20', slo: 'p50<1ms', json: true },
})

const EXPERIMENTS: { readonly [K in keyof CapacityResults]: CapacityExperiment } = {
  'scale.json': 'scale',
  'capacity.json': 'capacity',
  'plan.json': 'plan',
  'validation.json': 'validate-plan',
}

/** Writes a whole folder of every kind below a folder. */
export function writeWholeFolders(root: string): WholeFolder[] {
  const at = (kind: string): string => join(root, kind)
  const besideWhole = (dir: string): CommandCall => ({
    name: 'report',
    positionals: [at('comparison'), dir],
    values: {},
  })
  comparison(at('comparison'))
  cpSync(at('comparison'), at('timeline'), { recursive: true })
  new TimelineWriter(at('timeline')).append(recordedTimeline().map(asOfDeadProcess))
  lab(at('lab'))
  resilience(at('resilience'))
  const findings = knownFindings()
  const { id, scale, capacity, plan: planned, validation } = findings
  if (scale === null || capacity === null || planned === null || validation === null) {
    throw new Error('Expected findings of every kind.')
  }
  const results: CapacityResults = {
    'scale.json': { schema: 'forkwise/scale@1', id, machine: capacity.machine, barePerS: null, ...scale },
    'capacity.json': capacity,
    'plan.json': planned,
    'validation.json': { schema: 'forkwise/validation@1', id, seed: 1, ...validation },
  }
  const capacityKinds = (Object.keys(results) as (keyof CapacityResults)[]).map((name) => {
    const folder = CapacityFolder.create(at(name), {
      schema: 'forkwise/capacity-manifest@1',
      id,
      createdAt: '2026-11-26T00:00:00.000Z',
      forkwiseVersion: '0.2.0',
      experiment: EXPERIMENTS[name],
      machine: capacity.machine,
      options: { models: ['cluster'], seed: 1 },
    })
    for (const measurement of findings.measurements) folder.keep(measurement)
    folder.finish(name, results[name])
    const formats = inFormats('md', 'html')
    return {
      kind: name,
      dir: folder.dir,
      calls: name === 'capacity.json' ? [...formats, ...formats, ...formats, ...formats, plan] : formats,
    }
  })
  return [
    {
      kind: 'comparison',
      dir: at('comparison'),
      calls: [...inFormats('md', 'html', 'csv', 'hdr', 'openmetrics'), besideWhole],
    },
    { kind: 'resilience', dir: at('resilience'), calls: inFormats('md', 'html') },
    ...capacityKinds,
    { kind: 'lab', dir: at('lab'), calls: inFormats('md', 'html') },
    {
      kind: 'timeline',
      dir: at('timeline'),
      calls: [watch, watch, report({ format: 'html' })],
      harmed: /timeline\.ndjson$/,
      isAsTrue: isBeginning,
    },
  ]
}

/** Of a run whose end is missing it waits for more, until it is interrupted. */
const watch = (dir: string): CommandCall => ({
  name: 'watch',
  positionals: [dir],
  values: { text: true },
  interruptAfterMs: 500,
})

/** A timeline that was cut short is that of a run that was: all that is said of it is true, and so is the rest of a report. */
function isBeginning(said: string, right: string): boolean {
  if (said.startsWith('<!doctype html>')) return withoutUnits(said) === withoutUnits(right)
  if (/This run has no timeline|The timeline of this run is (?:empty|cut off)/.test(said)) return true
  const all = right.split('\n').map(withoutTime)
  const lines = said
    .split('\n')
    .map(withoutTime)
    // The verdicts of a finished comparison come from its other files (tests/live/watched-folder.test.ts holds them).
    .filter((line) => !/^(?:The run ended without a word|The timeline ends here)| ÷ /.test(line))
  let at = 0
  return lines.every((line) => (at = all.indexOf(line, at) + 1) > 0)
}

/** The time at which something is said to have been hangs on where the timeline ends. */
function withoutTime(line: string): string {
  return line.replace(/^ *(?:\d+:)+\d+ +/, '')
}

function withoutUnits(html: string): string {
  return html.replace(/<section id="units".*?<\/section>\s*/s, '').replace(/<li><a href="#units">.*?<\/li>/, '')
}

function comparison(dir: string): void {
  const run = fixtureRun(1, { blocks: 2, models: ['single', 'cluster'], workloads: ['mixed'], samples: 30 })
  const store = RunStore.create(dir)
  store.writeManifest(run.manifest)
  store.writePilot(run.pilot)
  for (const trial of run.trials) store.appendTrial(trial)
  for (const block of run.blocks) store.appendBlock(block)
  store.finish(run.result)
}

function resilience(dir: string): void {
  const folder = ResilienceFolder.create(dir)
  folder.writeManifest(manifestOf())
  folder.writeRates(RATES)
  for (const repeat of [1, 2, 3]) {
    folder.appendCell(faultedCell({ repeat }))
    folder.appendCell(faultedCell({ repeat, fault: 'reload' }))
  }
  const { manifest, rates, cells } = readResilienceRun(folder.dir)
  folder.finish(analyseResilience(manifest, rates, cells))
}

function asOfDeadProcess(item: TimelineItem): TimelineItem {
  return item.kind === 'run' ? { ...item, process: { pid: 1, birth: 'none' } } : item
}

/** Of the lab `spinner`, two repetitions of some of its cases. */
function lab(dir: string): void {
  const cases = ['timer', 'inline', 'async', 'thread'].map((id) => ({ id, name: id, language: 'node' as const }))
  const folder = LabFolder.create(dir)
  folder.writeManifest({ ...knownLab().manifest, lab: 'spinner', cases, predictions: { inline: 'turns' } })
  for (const repeat of [1, 2]) for (const { id } of cases) folder.appendTrial(labTrial(id, repeat))
  folder.finish(knownLab())
}

function labTrial(id: string, repeat: number): LabTrial {
  const freezes = id === 'inline' || id === 'async'
  const frames = freezes ? [] : [100, 200, 300].map((t) => ({ t, lane: 'spinner', kind: 'frame' }))
  return {
    schema: 'forkwise/lab-trial@1',
    case: id,
    repeat,
    figures: { shownPercent: freezes ? 0 : 98, longestGapMs: 120 + repeat, workMs: 400 + repeat, clockFrames: 0 },
    words: { spinner: freezes ? 'freezes' : 'turns' },
    events: [{ t: 0, lane: 'work', kind: 'start' }, ...frames, { t: 400, lane: 'work', kind: 'end' }],
    failure: null,
  }
}
