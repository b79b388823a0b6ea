import type { DrillAct, DrillEnd, DrillManifest, DrillReferences } from '../../../core/drill-record.ts'
import type { DrillRecording } from '../../../store/drill-folder.ts'
import { routeOf, secondOf } from '../../analysis/drill/made-up-seconds.ts'

const schema = 'forkwise/drill-act@1'

const MANIFEST: DrillManifest = {
  schema: 'forkwise/drill-manifest@1',
  id: '2026-11-27-101500-drill-blocked-loop',
  createdAt: '2026-11-27T10:15:00.000Z',
  forkwiseVersion: '0.2.0',
  command: 'forkwise drill blocked-loop --fast --seed 7',
  machine: {
    id: 'abc',
    cpu: 'A CPU',
    cores: 2,
    memoryBytes: 2 ** 33,
    platform: 'linux x64',
    kernel: '6.1',
    node: 'v20.20.2',
    v8: '11.3',
  },
  drill: 'blocked-loop',
  seed: 7,
  pace: { healthyS: 8, hiddenS: 4, windowS: 6, limitS: 1800 },
  revealed: false,
}

const REFERENCES: DrillReferences = {
  schema: 'forkwise/drill-references@1',
  nothing: { lost: 0, late: 270, seconds: 18 },
  fix: { lost: 0, late: 5, seconds: 18 },
  playedS: { nothing: 18, fix: 9 },
}

/** A recording of blocked-loop: healthy for ten seconds, then slow until a lever is pulled at 20 s, over at 28 s. */
export function madeUpRecording(end: DrillEnd = 'solved', reason: string | null = null): DrillRecording {
  const slow = routeOf({
    okLatencies: [
      [20_000, 85],
      [1_200_000, 15],
    ],
  })
  const cpu = routeOf({ sent: 1, ok: 1, okLatencies: [[1_300_000, 1]] })
  const seconds = Array.from({ length: 28 }, (_, place) => {
    const atS = place + 1
    const broken = atS > 10 && atS <= 20 && end === 'solved'
    const always = atS > 10 && end !== 'solved'
    return secondOf(atS, {
      routes: { io: broken || always ? slow : routeOf(), ...(atS > 10 ? { cpu } : {}) },
      asked: { io: 100, ...(atS > 10 ? { cpu: 0.25 } : {}) },
      facts: { strikes: 0 },
    })
  })
  const acts: DrillAct[] = [
    { kind: 'healthy', schema, atS: 0 },
    { kind: 'fault', schema, atS: 10, text: 'it breaks' },
    { kind: 'acknowledged', schema, atS: 13 },
    { kind: 'hint', schema, atS: 15, number: 1 },
    {
      kind: 'lever',
      schema,
      atS: 20,
      lever: 'executor',
      value: 'worker-pool',
      text: 'every worker runs its computing in a pool of threads now',
      done: true,
      tookS: 2,
    },
    { kind: 'over', schema, atS: 28, how: end, reason },
    { kind: 'diagnosed', schema, atS: 28, answers: { unit: 'one worker at a time', cause: 'a slow dependency' } },
  ]
  return { manifest: MANIFEST, seconds, acts, references: REFERENCES }
}
