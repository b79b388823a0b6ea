import type {
  Beat,
  LatencyLimit,
  LoadSecondFigures,
  TimelineItem,
  TimelineUnit,
  TimelineVerdict,
  UnitFigures,
} from '../../core/timeline.ts'
import {
  amount,
  byName,
  constant,
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  oneOfKinds,
  optional,
  type Shape,
  text,
} from '../shape.ts'
import { estimate } from './capacity-results.ts'
import { count } from './run.ts'

type Item<K extends TimelineItem['kind']> = Extract<TimelineItem, { readonly kind: K }>

const unit: Shape<TimelineUnit> = object<TimelineUnit>({
  key: text,
  name: text,
  role: text,
  pid: count,
  thread: nullable(count),
})

const unitFigures: Shape<UnitFigures> = object<UnitFigures>({
  cpuCores: nullable(amount),
  rssBytes: nullable(amount),
  ratePerS: nullable(amount),
  active: nullable(number),
  connections: nullable(number),
  utilization: nullable(number),
})

const beat: Shape<Beat> = object<Beat>({
  process: oneOf('running', 'stopped', 'gone', 'unknown'),
  turnedAtS: nullable(number),
  ageS: nullable(number),
  draining: flag,
})

const second: Shape<LoadSecondFigures> = object<LoadSecondFigures>({
  phase: oneOf('warmup', 'counting', 'draining'),
  elapsedS: amount,
  ratePerS: amount,
  offeredPerS: nullable(amount),
  failed: amount,
  inFlight: nullable(amount),
  p50Ms: nullable(amount),
  p99Ms: nullable(amount),
  latenessP99Ms: nullable(number),
  generatorBusy: nullable(number),
  counts: list(amount),
  routes: optional(byName(list(amount))),
})

const verdict: Shape<TimelineVerdict> = object<TimelineVerdict>({
  workload: text,
  metric: oneOf('throughput', 'cpu-per-request', 'latency-p50', 'latency-p95', 'latency-p99'),
  baseline: text,
  candidate: text,
  ratio: estimate,
  call: oneOf('better', 'worse', 'same', 'inconclusive'),
  blocks: count,
  withheld: optional(flag),
})

/** One line of a timeline. */
export const timelineItem: Shape<TimelineItem> = oneOfKinds<TimelineItem>({
  run: object<Item<'run'>>({
    kind: constant('run'),
    atMs: number,
    schema: optional(constant('forkwise/timeline@1')),
    process: optional(nullable(object<NonNullable<Item<'run'>['process']>>({ pid: count, birth: text }))),
    experiment: text,
    id: text,
    expectedS: nullable(number),
    steps: nullable(number),
  }),
  step: object<Item<'step'>>({ kind: constant('step'), atMs: number, label: text }),
  phase: object<Item<'phase'>>({ kind: constant('phase'), atMs: number, phase: text, launch: optional(text) }),
  units: object<Item<'units'>>({ kind: constant('units'), atMs: number, launch: text, units: list(unit) }),
  load: object<Item<'load'>>({ kind: constant('load'), atMs: number, second }),
  figures: object<Item<'figures'>>({ kind: constant('figures'), atMs: number, units: byName(unitFigures) }),
  beats: object<Item<'beats'>>({ kind: constant('beats'), atMs: number, kept: flag, beats: byName(beat) }),
  mark: object<Item<'mark'>>({
    kind: constant('mark'),
    atMs: number,
    level: oneOf('info', 'warning', 'fault'),
    text,
  }),
  objective: object<Item<'objective'>>({
    kind: constant('objective'),
    atMs: number,
    text,
    limits: list(object<LatencyLimit>({ name: text, ms: amount })),
  }),
  verdicts: object<Item<'verdicts'>>({
    kind: constant('verdicts'),
    atMs: number,
    final: flag,
    verdicts: list(verdict),
  }),
  end: object<Item<'end'>>({ kind: constant('end'), atMs: number, text, failed: flag }),
})
