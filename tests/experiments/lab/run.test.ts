import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ForkwiseError } from '../../../core/errors.ts'
import type { Lab, LabMeasurement } from '../../../experiments/lab/lab.ts'
import { lab as primes } from '../../../experiments/lab/labs/primes.ts'
import { labPython, prepareLab } from '../../../experiments/lab/prepare.ts'
import { analyseLabRecording, type LabOutcome, runLab } from '../../../experiments/lab/run.ts'
import type { OwnHost } from '../../../experiments/lab/trial-watch.ts'
import { isLabFolder, readLabRecording } from '../../../store/lab-folder.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-lab-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** The lab of primes with cases that compute nothing. */
function quickLab(measure: (id: string, repeat: number) => LabMeasurement | Promise<LabMeasurement>): Lab {
  return {
    ...primes,
    cases: () =>
      ['sequence', 'promise-all', 'threads'].map((id) => ({
        id,
        name: id,
        language: 'node',
        measure: async ({ repeat }) => measure(id, repeat),
      })),
  }
}

async function runQuick(
  lab: Lab,
  signal: AbortSignal,
  out = join(dir, 'run'),
  host = scriptedHost([]),
): Promise<LabOutcome> {
  const request = { lab, quick: true, seed: 7, change: null, predictions: { threads: 2 }, out }
  return runLab(await prepareLab(request, () => 'npx forkwise lab primes', labPython(null)), signal, host)
}

test('every case is repeated, round by round in an order of its own, and the folder gives the same result again', async () => {
  const order: string[] = []
  const lab = quickLab((id, repeat) => {
    order.push(`${repeat} ${id}`)
    return { figures: { tookMs: id === 'threads' ? 50 + repeat / 10 : 100 + repeat } }
  })
  const { result, dir: folder } = await runQuick(lab, new AbortController().signal)
  expect(order.map((each) => each[0]).join('')).toBe('111222333444555')
  expect(new Set(order).size).toBe(15)
  const orders = [0, 3, 6, 9, 12].map((from) =>
    order
      .slice(from, from + 3)
      .map((each) => each.slice(2))
      .join(),
  )
  expect(new Set(orders).size).toBeGreaterThan(1)
  expect(isLabFolder(folder)).toBe(true)
  expect(await analyseLabRecording(readLabRecording(folder))).toEqual(result)
  expect(result.answers.find(({ id }) => id === 'threads')).toMatchObject({ predicted: 2, right: true })
})

test('a repetition that cannot be measured is kept as failed, and the others go on', async () => {
  const lab = quickLab((id, repeat) => {
    if (id === 'threads' && repeat === 2) throw new ForkwiseError('TRIAL_FAILED', { message: 'it hung' })
    return { figures: { tookMs: 100 } }
  })
  const { result } = await runQuick(lab, new AbortController().signal)
  const cell = result.cells.find(({ id }) => id === 'threads')
  expect(cell?.failures).toEqual(['it hung'])
  expect(cell?.figures['tookMs']?.repeats).toEqual([1, 3, 4, 5])
})

test('a lab of which nothing could be measured says why', async () => {
  const lab = quickLab(() => {
    throw new ForkwiseError('TRIAL_FAILED', { message: 'no such program' })
  })
  await expect(runQuick(lab, new AbortController().signal)).rejects.toThrow('got nothing: no such program')
})

test('an interrupted lab keeps what it has, and says where', async () => {
  const controller = new AbortController()
  const lab = quickLab((_, repeat) => {
    if (repeat === 2) {
      controller.abort()
      throw new Error('aborted')
    }
    return { figures: { tookMs: 100 } }
  })
  const out = join(dir, 'cut')
  await expect(runQuick(lab, controller.signal, out)).rejects.toMatchObject({ code: 'INTERRUPTED' })
  const recording = readLabRecording(out)
  expect(recording.trials).toHaveLength(3)
  expect(recording.isComplete).toBe(false)
})

test('where nothing depends on time several repetitions run at once, and all are over when one fails', async () => {
  let [running, most] = [0, 0]
  const timeless = (fails: boolean): Lab => ({
    ...quickLab(async (id, repeat) => {
      most = Math.max(most, ++running)
      await setImmediate()
      running -= 1
      if (fails && id === 'threads') throw new Error('It is broken.')
      return { figures: { tookMs: 100 + repeat } }
    }),
    isTimeless: true,
  })
  const { result } = await runQuick(timeless(false), new AbortController().signal)
  expect(most).toBe(3)
  expect(result.cells.map(({ figures }) => figures['tookMs']?.values.length)).toEqual([5, 5, 5])
  await expect(runQuick(timeless(true), new AbortController().signal, join(dir, 'broken'))).rejects.toThrow(
    'It is broken.',
  )
  expect(running).toBe(0)
})

test('what cases share is done once in each repetition', async () => {
  let times = 0
  const lab: Lab = {
    ...primes,
    cases: () =>
      ['sequence', 'promise-all'].map((id) => ({
        id,
        name: id,
        language: 'node',
        measure: async ({ share }) => ({ figures: { tookMs: await share('all', () => Promise.resolve(++times)) } }),
      })),
  }
  const { result } = await runQuick(lab, new AbortController().signal)
  expect(times).toBe(5)
  expect(result.cells.map(({ figures }) => figures['tookMs']?.values)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ])
})

test('a repetition during which other programs used the cores is measured again, and counts as it was then', async () => {
  const { result, recording } = await runQuick(
    watchedLab(),
    new AbortController().signal,
    join(dir, 'once'),
    scriptedHost([0, 0, 1]),
  )
  expect(recording.trials.filter(({ disturbed }) => disturbed !== undefined)).toHaveLength(1)
  expect(recording.trials).toHaveLength(6)
  expect(result.cells[0]?.figures['tookMs']?.values).toEqual([101, 102, 106, 104, 105])
  expect(result.claims.map(({ sentence }) => sentence).join()).not.toContain('other programs')
})

test('on a machine that is never left alone no more is tried in vain, and every claim says why it decides nothing', async () => {
  const { result, recording } = await runQuick(
    watchedLab(),
    new AbortController().signal,
    join(dir, 'never'),
    scriptedHost(Array.from({ length: 99 }, () => 1.5)),
  )
  expect(recording.trials).toHaveLength(5 + 3)
  for (const { outcome, sentence } of result.claims) {
    expect(outcome).toBe('undecided')
    expect(sentence).toContain('It decides nothing, since other programs used 75 % of each core (limit 10 %) during')
  }
})

/** A lab with one case, whose n-th measurement gives 100 + n ms. */
function watchedLab(): Lab {
  let measured = 0
  const measure = (): Promise<LabMeasurement> => Promise.resolve({ figures: { tookMs: 100 + ++measured } })
  return {
    ...primes,
    cases: () => [{ id: 'threads', name: 'threads', language: 'node', measure: async ({ watch }) => watch(measure) }],
  }
}

/** A machine on which other programs use so many cores during one slice after the other, and then none. */
function scriptedHost(foreignCores: readonly number[]): OwnHost {
  let slice = 0
  const host = { wallS: 1, stealRatio: 0, generatorCores: 0, dependencyCores: 0, throttled: 0 }
  const nothing = (): void => undefined
  return {
    ownSlice: () =>
      Promise.resolve({
        generatorStarted: nothing,
        begin: nothing,
        end: nothing,
        result: () => Promise.resolve({ server: [], host: { ...host, foreignCores: foreignCores[slice++] ?? 0 } }),
      }),
  }
}
