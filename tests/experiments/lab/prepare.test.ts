import { expect, test } from 'vitest'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import type { LabAsk } from '../../../experiments/lab/lab.ts'
import { lab as primes } from '../../../experiments/lab/labs/primes.ts'
import { lab as spinner } from '../../../experiments/lab/labs/spinner.ts'
import {
  expectedAnswer,
  labPython,
  prepareLab,
  readAnswer,
  readChange,
  readPredictions,
} from '../../../experiments/lab/prepare.ts'

const CHOICE: LabAsk = { id: 'a', label: 'A', kind: 'choice', claims: [], choices: ['turns', 'freezes'] }
const NUMBER: LabAsk = { id: 'b', label: 'B', kind: 'number', claims: [], unit: '×', within: 1.5 }

test.each([
  ['the whole word', CHOICE, 'freezes', 'freezes'],
  ['its beginning', CHOICE, 'F', 'freezes'],
  ['its number', CHOICE, '1', 'turns'],
  ['a word that is none', CHOICE, 'flies', null],
  ['a number beyond the choices', CHOICE, '3', null],
  ['nothing', CHOICE, '', null],
  ['a number', NUMBER, ' 1.5 ', 1.5],
  ['a word instead of a number', NUMBER, 'two', null],
  ['a negative number', NUMBER, '-1', null],
])('an answer may be %s', (_, ask, word, answer) => {
  expect(readAnswer(ask, word)).toBe(answer)
})

test('all that is wrong with predictions is reported at once', () => {
  const problems = new ProblemList()
  expect(readPredictions('timer=turns, inline=freezes', spinner.asks, problems)).toEqual({
    timer: 'turns',
    inline: 'freezes',
  })
  expect(problems.length).toBe(0)
  readPredictions('tmer=turns,inline=flies', spinner.asks, problems)
  expect(() => problems.throwIfAny('USAGE')).toThrow(/"tmer"[^]*`inline` to be turns or freezes, got "flies"/)
})

test.each([
  ['timer=turns,timer=freezes', 'Expected one prediction of `timer`, got two.'],
  [',,', 'Expected predictions as question=answer with a comma between two, got "".'],
  ['timer=turns,', 'got "".'],
  ['turns', 'got "turns".'],
])('predictions like %j are refused', (text, message) => {
  const problems = new ProblemList()
  readPredictions(text, spinner.asks, problems)
  expect(() => problems.throwIfAny('USAGE')).toThrow(message)
})

test.each(['2x', '1,5'])('a number like %j is refused with the form that it must have', (text) => {
  const problems = new ProblemList()
  readPredictions(`threads=${text}`, primes.asks, problems)
  let said = ''
  try {
    problems.throwIfAny('USAGE')
  } catch (thrown) {
    said = JSON.stringify(thrown instanceof ForkwiseError ? thrown.problems : null)
  }
  expect(said).toMatch(/such as 2 or 1\.5 \(×\), with a point|has a point, as in 1\.5/)
})

test('choices of several words are told with their numbers, which can be typed', () => {
  const ask: LabAsk = { ...CHOICE, choices: ['ends, nothing is lost', 'ends, some jobs are rejected', 'hangs'] }
  expect(expectedAnswer(ask)).toBe('1 (ends, nothing is lost), 2 (ends, some jobs are rejected) or 3 (hangs)')
  expect(readAnswer(ask, '2')).toBe('ends, some jobs are rejected')
})

test('only what a lab lets one change can be changed, within its bounds', () => {
  const problems = new ProblemList()
  expect(readChange(['seconds=3'], spinner, problems)).toBe(3)
  expect(readChange([], spinner, problems)).toBeNull()
  expect(problems.length).toBe(0)
  readChange(['seconds=900'], spinner, problems)
  readChange(['minutes=1'], spinner, problems)
  expect(() => problems.throwIfAny('USAGE')).toThrow(/--set seconds[^]*got 900[^]*"minutes"/)
})

test('without Python its half is left out, by name; without any case of it nothing is said', async () => {
  const lack = labPython(null)
  const request = { lab: primes, quick: true, seed: 1, change: null, predictions: {}, out: null }
  const prepared = await prepareLab(request, () => 'npx forkwise lab primes', lack)
  expect(prepared.cases.every(({ language }) => language === 'node')).toBe(true)
  expect(prepared.manifest.lacks).toEqual([lack])
  expect(prepared.manifest.python).toBeNull()
  const alone = await prepareLab(
    {
      ...request,
      lab: { ...primes, cases: (setting) => primes.cases(setting).filter(({ language }) => language === 'node') },
    },
    () => '',
    lack,
  )
  expect(alone.manifest.lacks).toEqual([])
})

test('a python3 that is none is named with what is wrong', () => {
  expect(labPython('/bin/false')).toMatchObject({ what: expect.stringContaining('Python cannot be used') as string })
})
