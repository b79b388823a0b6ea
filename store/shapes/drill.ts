import {
  DRILL_ENDS,
  type DrillAct,
  type DrillCosts,
  type DrillManifest,
  type DrillPace,
  type DrillReferences,
  type DrillSecond,
} from '../../core/drill-record.ts'
import type { LatencyCounts, RouteSecond } from '../../core/ledger.ts'
import {
  amount,
  byName,
  constant,
  flag,
  nullable,
  number,
  object,
  oneOf,
  oneOfKinds,
  type Shape,
  text,
  whole,
} from '../shape.ts'
import { count, machineFacts } from './run.ts'

const pace: Shape<DrillPace> = object<DrillPace>({ healthyS: amount, hiddenS: amount, windowS: amount, limitS: amount })

/** manifest.json of a drill. */
export const drillManifest: Shape<DrillManifest> = object<DrillManifest>({
  schema: constant('forkwise/drill-manifest@1'),
  id: text,
  createdAt: text,
  forkwiseVersion: text,
  command: text,
  machine: machineFacts,
  drill: text,
  seed: whole(0, 4_294_967_295),
  pace,
  revealed: flag,
})

const latencies: Shape<LatencyCounts> = {
  schema: {
    type: 'array',
    items: { type: 'array', items: { type: 'number', minimum: 0 }, minItems: 2, maxItems: 2 },
  },
}

const routeSecond: Shape<RouteSecond> = object<RouteSecond>({
  sent: count,
  ok: count,
  non2xx: count,
  timeouts: count,
  connectionErrors: count,
  okLatencies: latencies,
  failedLatencies: latencies,
})

/** A line of seconds.ndjson of a drill. */
export const drillSecond: Shape<DrillSecond> = object<DrillSecond>({
  schema: constant('forkwise/drill-second@1'),
  atS: amount,
  routes: byName(routeSecond),
  inFlight: count,
  waiting: count,
  oldestMs: nullable(amount),
  asked: byName(amount),
  facts: byName(number),
})

const tag = { schema: constant('forkwise/drill-act@1'), atS: amount }

/** A line of acts.ndjson of a drill. */
export const drillAct: Shape<DrillAct> = oneOfKinds<DrillAct>({
  healthy: object<Extract<DrillAct, { kind: 'healthy' }>>({ kind: constant('healthy'), ...tag }),
  fault: object<Extract<DrillAct, { kind: 'fault' }>>({ kind: constant('fault'), ...tag, text }),
  strike: object<Extract<DrillAct, { kind: 'strike' }>>({ kind: constant('strike'), ...tag, text }),
  acknowledged: object<Extract<DrillAct, { kind: 'acknowledged' }>>({ kind: constant('acknowledged'), ...tag }),
  lever: object<Extract<DrillAct, { kind: 'lever' }>>({
    kind: constant('lever'),
    ...tag,
    lever: text,
    value: nullable(text),
    text,
    done: flag,
    tookS: amount,
  }),
  hint: object<Extract<DrillAct, { kind: 'hint' }>>({ kind: constant('hint'), ...tag, number: whole(1, 3) }),
  diagnosed: object<Extract<DrillAct, { kind: 'diagnosed' }>>({
    kind: constant('diagnosed'),
    ...tag,
    answers: byName(text),
  }),
  over: object<Extract<DrillAct, { kind: 'over' }>>({
    kind: constant('over'),
    ...tag,
    how: oneOf(...DRILL_ENDS),
    reason: nullable(text),
  }),
})

const costs: Shape<DrillCosts> = object<DrillCosts>({ lost: count, late: count, seconds: amount })

/** references.json of a drill. */
export const drillReferences: Shape<DrillReferences> = object<DrillReferences>({
  schema: constant('forkwise/drill-references@1'),
  nothing: costs,
  fix: costs,
  playedS: object<DrillReferences['playedS']>({ nothing: amount, fix: amount }),
})
