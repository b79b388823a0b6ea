import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/wsgi.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const CLAIMS = ['nginx-serves-files', 'workers-multiply', 'cores-without-asyncio', 'one-request-in-hand']

test.each<[string, Record<string, MadeUpCase>, string]>([
  [
    'files from NGINX, two workers on two cores and one request in hand confirm it',
    {
      'gunicorn-1': answers(100, [100, 101, 99], [19.4, 19.5, 19.3]),
      'gunicorn-2': answers(100, [190, 192, 188], [39, 38.9, 39.1]),
      'uvicorn-1': answers(0, [105, 104, 106], [77, 76, 78]),
    },
    'confirmed',
  ],
  [
    'files from workers, a second worker that adds nothing and a worker that serves all refute it',
    {
      'gunicorn-1': answers(0, [100, 101, 99], [78, 79, 77]),
      'gunicorn-2': answers(0, [101, 100, 102], [78, 79, 77]),
      'uvicorn-1': answers(0, [105, 104, 106], [77, 76, 78]),
    },
    'does not hold here',
  ],
  ['nothing measured decides nothing', {}, 'undecided'],
])('%s', (_, told, outcome) => {
  expect(outcomesOf(lab, told)).toEqual(Object.fromEntries(CLAIMS.map((id) => [id, outcome])))
})

test('rates that vary by more than they differ decide nothing', () => {
  const told = {
    'gunicorn-1': {
      figures: { byNginxPercent: [100, 0, 100], computeRatePerS: [60, 150, 90], waitRatePerS: [19, 19, 19] },
    },
    'gunicorn-2': answers(100, [90, 200, 110], [39, 39, 39]),
    'uvicorn-1': answers(0, [60, 150, 90], [20, 80, 40]),
  }
  expect(new Set(Object.values(outcomesOf(lab, told)))).toEqual(new Set(['undecided']))
})

test('what happened is who sent the file, and how many times as much a second worker and a loop gave', () => {
  const evidence = madeUpEvidence(lab, {
    'gunicorn-1': answers(100, [100, 100, 100], [20, 20, 20]),
    'gunicorn-2': answers(100, [190, 190, 190], [40, 40, 40]),
    'uvicorn-1': answers(0, [100, 100, 100], [80, 80, 80]),
  })
  expect(lab.outcomes(evidence)).toEqual({ file: 'NGINX', second: 1.9, loop: 4 })
})

test('a deployment that lacks a part is left out, and the others are measured', () => {
  const lacks = [{ what: 'nginx-gunicorn cannot run here: nginx is not installed.', remedy: 'Install it.' }]
  const cases = lab.cases({ quick: true, change: 800, cores: 2, lacks })
  expect(cases.map(({ id }) => id)).toEqual(['uvicorn-1', 'nginx-node-2'])
})

test('the picture says on each arrow how many answers come back, and from whom', () => {
  const evidence = madeUpEvidence(lab, { 'gunicorn-2': answers(100, [190, 190, 190], [40, 40, 40]) })
  expect(lab.pictures(evidence)[0]).toMatchObject({
    kind: 'flow',
    flows: [
      {
        boxes: ['clients', 'NGINX', '2 workers'],
        arrows: [
          { label: '3,000/s', to: 1 },
          { label: '190/s', to: 2 },
          { label: '40/s', to: 2 },
        ],
      },
    ],
  })
})

function answers(byNginx: number, computeRatePerS: readonly number[], waitRatePerS: readonly number[]): MadeUpCase {
  const same = (value: number): number[] => computeRatePerS.map(() => value)
  return { figures: { byNginxPercent: same(byNginx), fileRatePerS: same(3000), computeRatePerS, waitRatePerS } }
}
