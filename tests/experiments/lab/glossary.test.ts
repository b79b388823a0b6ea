import { describe, expect, test } from 'vitest'
import { textsOf, wordsIn } from '../../../experiments/lab/glossary.ts'
import { loadLabs } from '../../../experiments/lab/labs.ts'
import { analyseLab } from '../../../experiments/lab/run.ts'
import { everythingMeasured } from './made-up-evidence.ts'

const labs = await loadLabs()

/** Words that somebody who learns has not met: wherever one is used, something explained has it in its name. */
const JARGON: readonly string[] = [
  'is_prime',
  'inline',
  'slices',
  'nap',
  'worker thread',
  'child process',
  'event loop',
  'coroutine',
  'asyncio',
  'Promise.all',
  'poison pill',
  'Piscina',
  'ProcessPoolExecutor',
  'executor',
  'cluster worker',
  'PM2',
  'rejection',
  'rejected',
  'timer',
  'blocking sleep',
  'promise',
  'event handler',
  'SIGKILL',
  'os._exit',
  'p99',
  '99th percentile',
  '95 %',
  'round robin',
  'closed loop',
  'open loop',
  'shared memory',
  'Atomics',
  'mutex',
  'compare-and-exchange',
  'actor',
  'CSP',
  'snapshot',
  'map and reduce',
  'data-parallel',
  'speed layer',
  '202',
  'Redis',
  'BullMQ',
  'libuv',
  'generator',
  'Gunicorn',
  'sync worker',
  'Uvicorn',
  'ASGI',
  'WSGI',
]

describe.each(labs.map((lab) => [lab.id, lab] as const))('%s', (_, lab) => {
  const { manifest, trials } = everythingMeasured(lab)
  const result = analyseLab(lab, manifest, trials)

  test('explains every word of the trade that its texts use', () => {
    const text = textsOf(result).join('\n')
    const explained = result.words.map(({ word }) => word).join('\n')
    const used = JARGON.filter((word) => new RegExp(`(?<!\\w)${word.replaceAll('.', '\\.')}(?!\\w)`).test(text))
    expect(used.filter((word) => !explained.includes(word))).toEqual([])
  })

  test('explains those of its question before it asks', () => {
    const asked = [lab.question, ...lab.asks.map(({ label }) => label)]
    const words = wordsIn(asked).map(({ word }) => word)
    expect(result.words.map(({ word }) => word)).toEqual(expect.arrayContaining(words))
  })
})

test('an explanation is some words, and each is of use to some lab', () => {
  const results = labs.map((lab) => {
    const { manifest, trials } = everythingMeasured(lab)
    return analyseLab(lab, manifest, trials)
  })
  const all = wordsIn([JARGON.join(' '), ...results.flatMap(textsOf)])
  for (const { word, means } of all) {
    expect(means.length, word).toBeLessThanOrEqual(180)
    expect(means, word).toMatch(/[^.]$/)
    expect(
      results.some(({ words }) => words.some((each) => each.word === word)),
      word,
    ).toBe(true)
  }
})

test('a word is explained with none that stands further down, and those that explain it are explained as well', () => {
  const asked = labs.flatMap((lab) => [lab.question, ...lab.asks.map(({ label }) => label)])
  const all = wordsIn([...JARGON, ...asked])
  for (const word of ['event loop', 'promise', 'thread', 'process', 'core']) {
    const at = all.findIndex((each) => each.word === word)
    expect(at, word).toBeGreaterThanOrEqual(0)
    const before = all.slice(0, at).filter(({ means }) => new RegExp(`\\b${word}s?\\b`).test(means))
    expect(
      before.map((each) => each.word),
      word,
    ).toEqual([])
  }
  expect(wordsIn(['a worker thread']).map(({ word }) => word)).toEqual(
    expect.arrayContaining(['process', 'thread', 'event loop', 'worker thread']),
  )
})
