import { expect, test } from 'vitest'
import { loadModels } from '../../../cluster/models.ts'
import { ProblemList } from '../../../core/errors.ts'
import { loadClaims } from '../../../experiments/claims/claims.ts'
import { claimOptions, readClaim } from '../../../experiments/claims/read-claim.ts'
import { COMPARE } from '../../../experiments/options/sets/comparison.ts'
import { readSettings } from '../../../experiments/options/settings.ts'
import { loadWorkloads } from '../../../loadtest/workloads.ts'

test('every shipped claim is a comparison that can be made, and rests on what it compares', async () => {
  const [models, workloads] = [await loadModels(), await loadWorkloads()].map((all) => all.map(({ id }) => id))
  const claims = await loadClaims()
  expect(claims.map(({ id }) => id)).toEqual([
    'bun-express',
    'nginx-in-front',
    'pool-keeps-io',
    'reuse-port',
    'watt-tail',
  ])
  for (const claim of claims) {
    const problems = new ProblemList()
    const { models: compared, workloads: asked, assert } = readSettings(COMPARE, claimOptions(claim, null), problems)
    problems.throwIfAny()
    for (const model of compared ?? []) expect(models).toContain(model)
    for (const workload of asked ?? []) expect(workloads).toContain(workload)
    for (const { model, workload, bound } of assert) {
      expect(compared).toContain(model)
      expect(asked).toContain(workload)
      if (bound.kind === 'relative') expect(compared).toContain(bound.model)
    }
  }
})

function problemsOf(value: unknown): string {
  const problems = new ProblemList()
  const file = { value, label: 'mine.json', dir: '/app' }
  const claim = readClaim(file, problems)
  if (claim !== null) readSettings(COMPARE, claimOptions(claim, file), problems)
  try {
    problems.throwIfAny()
    return ''
  } catch (thrown) {
    return (thrown as Error).message
  }
}

test.each([
  [{ claim: 'x', compare: { models: ['single'] }, holds: ['single/cpu p99 < 9ms'] }, /^$/],
  [{ clam: 'x' }, /to have `claim`, got none[^]*to have `holds`, got none[^]*got "clam"/],
  [{ claim: 'x', compare: { assert: ['a'] }, holds: ['b'] }, /Expected no `compare\.assert` in mine\.json/],
  [
    { claim: 'x', compare: { modls: 1 }, holds: ['single/cpu p98 < 1'] },
    /got `compare\.modls of mine\.json`[^]*`holds of mine\.json` to have a metric/,
  ],
  [[], /Expected `mine\.json` to be a claim with its comparison and what holds/],
])('%j', (value, message) => {
  expect(problemsOf(value)).toMatch(message)
})

test('paths in a claim start from its folder', () => {
  const value = { claim: 'x', compare: { app: './app.js', paths: ['/'] }, holds: ['own/own p99 < 9ms'] }
  const settings = readSettings(
    COMPARE,
    claimOptions(value, { value, label: 'mine.json', dir: '/app' }),
    new ProblemList(),
  )
  expect(settings.app).toBe('/app/app.js')
})
