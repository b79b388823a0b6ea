import { describe, expect, test } from 'vitest'
import type { Beat, TimelineItem } from '../../../core/timeline.ts'
import { Timeline, MOST_COLUMNS, MOST_LANES } from '../../../analysis/timeline/state.ts'
import { beat, loadFigures, unitFigures, worker } from '../../timeline-items.ts'

const [first, second] = [worker(1, 101), worker(2, 102)]

function stateOf(items: readonly TimelineItem[]): Timeline {
  const state = new Timeline()
  for (const item of items) state.apply(item)
  return state
}

function units(atMs: number, ...present: readonly ReturnType<typeof worker>[]): TimelineItem {
  return { kind: 'units', atMs, launch: 'cluster', units: present }
}

function beats(atMs: number, heard: Readonly<Record<string, Beat>>): TimelineItem {
  return { kind: 'beats', atMs, kept: true, beats: heard }
}

describe('lanes', () => {
  test('a loop that turns is alive, one that does not is blocked, and only that one', () => {
    const state = stateOf([
      units(0, first, second),
      beats(100, { [first.key]: beat(1), [second.key]: beat(1) }),
      beats(400, { [first.key]: beat(1, { ageS: 0.32 }), [second.key]: beat(1.3) }),
    ])
    expect(state.lanes.map((lane) => [lane.state, lane.turnedAtS])).toEqual([
      ['blocked', 1],
      ['alive', 1.3],
    ])
    expect(state.lanes.map(({ turns, toldAtS }) => [turns, toldAtS])).toEqual([
      [1, 1.02],
      [2, 1.32],
    ])
    state.apply(beats(3000, { [first.key]: beat(4), [second.key]: beat(4) }))
    expect(state.lanes[0]).toMatchObject({ state: 'alive', troubles: [{ state: 'blocked', fromMs: 100, toMs: 3000 }] })
    expect(state.lanes[1]?.troubles).toEqual([])
  })

  test('a stopped process is stopped, whatever its heartbeat said last', () => {
    const state = stateOf([
      units(0, first),
      beats(100, { [first.key]: beat(1) }),
      beats(200, { [first.key]: beat(1, { process: 'stopped', turnedAtS: null, ageS: null }) }),
    ])
    expect(state.lanes[0]).toMatchObject({ state: 'stopped', turnedAtS: 1 })
  })

  test('a process that goes on after a stop reports the time in which it was stopped: no loop was blocked', () => {
    const stopped = beat(1, { process: 'stopped', turnedAtS: null, ageS: null })
    const state = stateOf([
      units(0, first),
      beats(1000, { [first.key]: beat(1) }),
      beats(2000, { [first.key]: stopped }),
      beats(5000, { [first.key]: stopped }),
      beats(5900, { [first.key]: beat(1.1, { ageS: 4.8 }) }),
      beats(6000, { [first.key]: beat(6) }),
    ])
    expect(state.lanes[0]).toMatchObject({
      state: 'alive',
      troubles: [{ state: 'stopped', fromMs: 2000, toMs: 5900 }],
    })
    expect(state.marks.slice(1).map(({ text }) => text)).toEqual([
      'worker-1 (pid 101) is stopped by a signal',
      'worker-1 (pid 101) goes on',
    ])
  })

  test('a loop that does not turn after its process went on is blocked since then', () => {
    const stopped = beat(1, { process: 'stopped', turnedAtS: null, ageS: null })
    const state = stateOf([
      units(0, first),
      beats(1000, { [first.key]: beat(1) }),
      beats(2000, { [first.key]: stopped }),
      beats(5000, { [first.key]: beat(1.1, { ageS: 3.9 }) }),
      beats(5500, { [first.key]: beat(1.1, { ageS: 4.4 }) }),
    ])
    expect(state.lanes[0]).toMatchObject({
      state: 'blocked',
      troubles: [
        { state: 'stopped', fromMs: 2000, toMs: 5000 },
        { state: 'blocked', fromMs: 5000, toMs: null },
      ],
    })
  })

  test('the next launch of the same name has lanes of its own; those of before ended when it was asked to stop', () => {
    const again = worker(1, 103)
    const state = stateOf([units(0, first, second), units(1000), units(9000, again)])
    expect(state.lanes.map(({ unit, restarts }) => [unit.pid, restarts])).toEqual([[103, 0]])
    expect(state.allLanes.map(({ state: is, endedAtMs }) => [is, endedAtMs])).toEqual([
      ['left', 1000],
      ['left', 1000],
      ['running', null],
    ])
    expect(state.marks.map(({ atMs, text }) => `${atMs} ${text}`)).toEqual([
      '0 cluster: 2 units are in service',
      '1000 cluster is asked to stop',
      '9000 cluster: 1 unit is in service',
    ])
  })

  test('the only unit of a launch that is killed is replaced, and both lanes are there', () => {
    const gone = beat(0, { process: 'gone', turnedAtS: null, ageS: null })
    const state = stateOf([units(0, first), beats(500, { [first.key]: gone }), units(900, worker(1, 103))])
    expect(state.lanes.map(({ unit, restarts }) => [unit.pid, restarts])).toEqual([
      [101, 0],
      [103, 1],
    ])
  })

  test('from the moment a launch begins, the title and the step are its own', () => {
    const state = stateOf([
      { kind: 'step', atMs: 0, label: 'block 1: cluster' },
      units(0, first),
      units(100),
      { kind: 'step', atMs: 200, label: 'block 1: single' },
    ])
    expect([state.launch, state.stepLabel, state.lanes]).toEqual(['', 'block 1: single', []])
    state.apply({ kind: 'phase', atMs: 300, phase: 'starting', launch: 'b01-single' })
    expect([state.launch, state.stepLabel]).toEqual(['b01-single', 'block 1: single'])
    state.apply({ kind: 'units', atMs: 400, launch: 'b01-single', units: [second] })
    state.apply({ kind: 'units', atMs: 500, launch: 'b01-single', units: [] })
    // A step that is told only once its launch is in service.
    state.apply({ kind: 'phase', atMs: 600, phase: 'starting', launch: 'b02-single' })
    expect([state.launch, state.stepLabel]).toEqual(['b02-single', ''])
  })

  test('one that had a heartbeat and does not answer is silent; one that never had any runs', () => {
    const unheard = beat(0, { turnedAtS: null, ageS: null })
    const state = stateOf([
      units(0, first, second),
      beats(100, { [first.key]: beat(1), [second.key]: unheard }),
      beats(200, { [first.key]: unheard, [second.key]: unheard }),
    ])
    expect(state.lanes.map((lane) => lane.state)).toEqual(['silent', 'running'])
  })

  test('a unit that was killed is gone, and the one that takes its place is a lane of its own', () => {
    const next = worker(1, 103)
    const state = stateOf([
      units(0, first, second),
      beats(500, { [first.key]: beat(1, { process: 'gone', turnedAtS: null, ageS: null }) }),
      units(900, second, next),
      beats(1000, { [first.key]: beat(9), [next.key]: beat(2) }),
    ])
    expect(state.lanes.map(({ unit, state: is, restarts }) => [unit.name, unit.pid, is, restarts])).toEqual([
      ['worker-1', 101, 'gone', 0],
      ['worker-1', 103, 'alive', 1],
      ['worker-2', 102, 'running', 0],
    ])
    expect(state.lanes[0]?.endedAtMs).toBe(500)
  })

  test('a unit that said it was leaving has left', () => {
    const state = stateOf([
      units(0, first, second),
      beats(100, { [first.key]: beat(1, { draining: true }) }),
      units(200, second),
    ])
    expect(state.lanes[0]?.state).toBe('left')
  })

  test('a server that is asked to stop leaves no unit gone', () => {
    const state = stateOf([units(0, first, second), units(100)])
    expect(state.lanes.map((lane) => lane.state)).toEqual(['left', 'left'])
  })

  test('the next launch has lanes of its own', () => {
    const state = stateOf([
      units(0, first),
      units(100),
      { kind: 'units', atMs: 200, launch: 'single', units: [second] },
    ])
    expect(state.lanes.map(({ unit }) => unit)).toEqual([second])
  })

  test('lanes keep their seconds until they end', () => {
    const figures = (atMs: number): TimelineItem => ({
      kind: 'figures',
      atMs,
      units: { [first.key]: unitFigures(), [second.key]: unitFigures({ ratePerS: atMs }) },
    })
    const state = stateOf([units(0, first, second), figures(1000), units(1500, second), figures(2000)])
    expect(state.lanes.map(({ seconds }) => seconds.map(({ atMs }) => atMs))).toEqual([[1000], [1000, 2000]])
  })

  test('of units that restart for ever, the oldest are forgotten', () => {
    const state = new Timeline()
    for (let pid = 1; pid <= 2 * MOST_LANES; pid++) state.apply(units(pid, worker(1, pid)))
    expect(state.lanes.length).toBe(MOST_LANES)
    expect(state.lanes.at(-1)).toMatchObject({ endedAtMs: null, unit: { pid: 2 * MOST_LANES } })
  })
})

test('the seconds of a load are kept in order, the latest of them', () => {
  const state = new Timeline()
  for (let s = 1; s <= MOST_COLUMNS + 5; s++) state.apply({ kind: 'load', atMs: s * 1000, second: loadFigures(s) })
  expect(state.columns.length).toBe(MOST_COLUMNS)
  expect(state.columns.at(-1)).toMatchObject({ elapsedS: MOST_COLUMNS + 5, atMs: (MOST_COLUMNS + 5) * 1000 })
})

test('run, steps, phases, marks and the end', () => {
  const state = stateOf([
    { kind: 'run', atMs: 5, experiment: 'compare', id: 'r', expectedS: 60, steps: 4 },
    { kind: 'step', atMs: 6, label: 'pilot: single' },
    { kind: 'phase', atMs: 7, phase: 'saturation' },
    { kind: 'mark', atMs: 8, level: 'fault', text: 'kill is injected' },
    units(8, first),
    { kind: 'end', atMs: 9, text: 'over', failed: false },
  ])
  expect(state).toMatchObject({ experiment: 'compare', startedAtMs: 5, step: 1, phase: 'saturation', nowMs: 9 })
  expect(state.marks).toEqual([{ atMs: 8, level: 'fault', text: 'kill is injected' }])
  expect(state.lanes.map((lane) => lane.state)).toEqual(['left'])
  expect(state.end).toMatchObject({ text: 'over', failed: false })
})

describe('what happens to units is told', () => {
  const run: TimelineItem = { kind: 'run', atMs: 0, experiment: 'serve', id: 'r', expectedS: null, steps: null }
  const stopped = beat(0, { process: 'stopped', turnedAtS: null, ageS: null })
  const texts = (items: readonly TimelineItem[]): string[] =>
    stateOf([run, ...items]).marks.map(({ atMs, level, text }) => `${atMs} ${level}: ${text}`)

  test('a server that starts, loses a worker, has another and is asked to stop', () => {
    const next = worker(1, 103)
    expect(
      texts([
        units(100, first, second),
        units(200, second),
        units(300, second, next),
        beats(400, { [second.key]: beat(1, { draining: true }) }),
        units(500, next),
        units(600),
        units(600),
      ]),
    ).toEqual([
      '100 info: cluster: 2 units are in service',
      '200 warning: worker-1 (pid 101) is gone',
      '300 info: worker-1 (pid 103) replaces pid 101',
      '500 info: worker-2 (pid 102) has left',
      '600 info: cluster is asked to stop',
    ])
  })

  test('in a run with steps, whose launches have events of their own, only what nobody asked for', () => {
    const items = [units(100, first, second), units(200, second), units(300)]
    expect(texts([{ ...run, steps: 2 }, ...items])).toEqual(['200 warning: worker-1 (pid 101) is gone'])
  })

  test('one that is killed is told of once, whether a heartbeat or its absence shows it first', () => {
    const gone = beat(0, { process: 'gone', turnedAtS: null, ageS: null })
    const told = [units(1, first, second), beats(200, { [first.key]: gone }), units(300, second), beats(400, {})]
    expect(texts(told).slice(1)).toEqual(['200 warning: worker-1 (pid 101) is gone'])
    const unkept: TimelineItem = { kind: 'beats', atMs: 200, kept: false, beats: { [first.key]: gone } }
    expect(texts([units(1, first, second), unkept, units(300, second)]).slice(1)).toEqual([
      '300 warning: worker-1 (pid 101) is gone',
    ])
  })

  test('a stop and a loop that is blocked for a second begin and end; a shorter one, and beats that are not kept, are not told', () => {
    const at = (ms: number, own: Beat, kept = true): TimelineItem => ({
      kind: 'beats',
      atMs: ms,
      kept,
      beats: { [first.key]: own },
    })
    expect(
      texts([
        units(0, first),
        at(1000, beat(1)),
        at(1500, stopped, false),
        at(2000, stopped),
        at(3000, stopped),
        at(4000, beat(4)),
        at(5000, beat(4.4, { ageS: 0.6 })),
        at(6000, beat(6)),
        at(8000, beat(6.1, { ageS: 1.9 })),
        at(9000, beat(9)),
      ]).slice(1),
    ).toEqual([
      '2000 warning: worker-1 (pid 101) is stopped by a signal',
      '4000 info: worker-1 (pid 101) goes on',
      '8000 warning: worker-1 (pid 101): event loop blocked for a second',
      '9000 info: worker-1 (pid 101): event loop turns again',
    ])
  })

  test('one that does not answer for a second, and again; a shorter silence is not told', () => {
    const unheard = beat(0, { turnedAtS: null, ageS: null })
    const heard = [
      beats(1000, { [first.key]: beat(1) }),
      beats(2000, { [first.key]: unheard }),
      beats(2900, { [first.key]: beat(2.9) }),
      beats(4000, { [first.key]: unheard }),
      beats(5000, { [first.key]: unheard }),
      beats(6000, { [first.key]: beat(6) }),
    ]
    expect(texts([units(0, first), ...heard]).slice(1)).toEqual([
      '5000 warning: worker-1 (pid 101) does not answer any more',
      '6000 info: worker-1 (pid 101) answers again',
    ])
  })

  test('a load without steps tells of its phases, and of the next load', () => {
    const load = (atMs: number, elapsedS: number, phase: 'warmup' | 'counting' | 'draining'): TimelineItem => ({
      kind: 'load',
      atMs,
      second: loadFigures(elapsedS, { phase }),
    })
    const seconds = [load(1000, 1, 'warmup'), load(2000, 2, 'counting'), load(3000, 3, 'counting')]
    const all = [...seconds, load(4000, 4, 'draining'), load(9000, 1, 'counting'), load(9900, 1, 'counting')]
    expect(texts(all)).toEqual([
      '1000 info: a load warms up',
      '2000 info: a load is counted',
      '4000 info: a load sends nothing more and waits for its last answers',
      '9000 info: a load is counted',
      '9900 info: a load is counted',
    ])
    expect(texts([{ ...run, steps: 1 }, ...all])).toEqual([])
  })

  test('the end of the run ends no unit unasked', () => {
    expect(texts([units(100, first), { kind: 'end', atMs: 200, text: 'over', failed: false }])).toHaveLength(1)
  })
})
