import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { happenedAtMs } from '../../../experiments/run.ts'
import { EventItems } from '../../../experiments/timeline/event-items.ts'
import { startRecordedRun } from '../../../experiments/timeline/recording.ts'
import { hasTimeline, TimelineReader } from '../../../store/timeline-file.ts'
import { beat } from '../../timeline-items.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

const STARTED = { type: 'run-started', experiment: 'compare', id: 'a', steps: 3, expectedS: 9 } as const
const STEP = { type: 'step-started', label: 'block 1' } as const

function kept(): string[] {
  return new TimelineReader(dir).read().map(({ item }) => item.kind)
}

test('what happens in a run is in its folder, from before the folder was there to its end', async () => {
  const run = startRecordedRun(async (emit) => {
    emit(STEP)
    emit({ ...STARTED, dir })
    emit({ type: 'units-heard', item: { kind: 'beats', atMs: 1, kept: true, beats: { a: beat(1) } } })
    emit({ type: 'units-heard', item: { kind: 'beats', atMs: 2, kept: false, beats: { a: beat(2) } } })
    return 5
  })
  expect(await run).toBe(5)
  expect(kept()).toEqual(['step', 'run', 'beats', 'end'])
  const [, begun] = new TimelineReader(dir).read()
  expect(begun?.item).toMatchObject({ schema: 'forkwise/timeline@1', process: { pid: process.pid } })
})

test('a run that fails says why at its end, and one without a folder leaves nothing', async () => {
  const failing = startRecordedRun(async (emit) => {
    emit({ ...STARTED, dir })
    throw new Error('it broke')
  })
  await expect(failing).rejects.toThrow('it broke')
  expect(new TimelineReader(dir).read().at(-1)?.item).toMatchObject({ kind: 'end', text: 'it broke', failed: true })
  rmSync(join(dir, 'timeline.ndjson'))
  await startRecordedRun(async (emit) => emit({ ...STARTED, dir: null }))
  expect(hasTimeline(dir)).toBe(false)
})

test('a folder that is made later gets all of it', async () => {
  await startRecordedRun(async (emit) => {
    emit({ ...STARTED, dir: null })
    emit({ type: 'folder-made', dir })
  })
  expect(kept()).toEqual(['run', 'end'])
})

test.skipIf(process.getuid?.() === 0)(
  'a folder that cannot be written to is reported once, and costs the run nothing',
  async () => {
    const closed = join(dir, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o500)
    const run = startRecordedRun(async (emit) => {
      emit({ ...STARTED, dir: closed })
      return 7
    })
    const events: ExperimentEvent[] = []
    for await (const event of run) events.push(event)
    expect(await run).toBe(7)
    expect(events.filter(({ type }) => type === 'note')).toMatchObject([{ level: 'warning' }])
  },
)

test('whoever reads the events, however late, is told the times that are kept, the end included', async () => {
  const run = startRecordedRun(async (emit) => {
    emit({ ...STARTED, dir })
    await sleep(20)
    emit({ type: 'note', level: 'info', text: 'a' })
    await sleep(20)
  })
  const items = new EventItems()
  const told: [kind: string, atMs: number][] = []
  for await (const event of run) {
    await sleep(50)
    for (const { kind, atMs } of items.of(event, happenedAtMs(event))) told.push([kind, atMs])
  }
  const written = new TimelineReader(dir).read().map(({ item }) => [item.kind, item.atMs])
  expect(told).toEqual(written)
  expect(told.map(([kind]) => kind)).toEqual(['run', 'mark', 'end'])
})

test('whether somebody watches reaches the run', async () => {
  const seen: (boolean | undefined)[] = []
  const run = startRecordedRun(async (emit) => {
    seen.push(emit.isWatched?.())
    run.watch(true)
    seen.push(emit.isWatched?.())
  })
  await run
  expect(seen).toEqual([false, true])
})
