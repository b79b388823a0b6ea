import { describe, expect, test } from 'vitest'
import { LabFigures } from '../../../analysis/lab/figures.ts'
import type { LabClaim } from '../../../core/lab-record.ts'
import { loadLabs } from '../../../experiments/lab/labs.ts'
import { analyseLab } from '../../../experiments/lab/run.ts'
import { hereText, paragraphOf } from '../../../experiments/lab/telling.ts'
import { everythingMeasured } from './made-up-evidence.ts'

const labs = await loadLabs()

describe.each(labs.map((lab) => [lab.id, lab] as const))('%s', (_, lab) => {
  const evidence = everythingMeasured(lab)
  const claims = lab.claims(evidence)
  const parts = lab.explain(evidence)

  test('each claim is what is claimed in one sentence, and what was measured in another', () => {
    const nothing = { ...evidence, figures: new LabFigures([]), trials: [] }
    for (const { sentence } of [...claims, ...lab.claims(nothing)]) {
      expect(sentence).toMatch(/^[A-Z][^;]*\.( Here [^;]*\.)?$/)
      expect(sentence).not.toMatch(/: |\.\.|NaN|undefined|null/)
    }
  })

  test('what follows from figures names the claims on which it rests; figures come without it', () => {
    for (const { measured, so, claims: ids = [] } of parts) {
      expect(measured).toMatch(/^[A-Z\d].*[^.]$/)
      expect(measured).not.toMatch(/: |;| since | because |, so /)
      expect(ids.length > 0).toBe(so !== undefined)
      if (so === undefined) continue
      expect(so).toMatch(/^([a-z`]|NGINX ).*[^.]$/)
      expect(claims.map(({ id }) => id)).toEqual(expect.arrayContaining([...ids]))
    }
    expect(parts.some(({ so }) => so !== undefined)).toBe(true)
  })

  test('what its claims leave undecided, or refute, is not stated as a fact', () => {
    const said = parts.flatMap(({ so }) => (so === undefined ? [] : [so]))
    const paragraph = (outcome: LabClaim['outcome']): string =>
      paragraphOf(
        parts,
        claims.map((claim) => ({ ...claim, outcome })),
      )
    for (const so of said) {
      expect(paragraph('confirmed')).toContain(`: ${so}.`)
      expect(paragraph('undecided')).toContain(`That ${so} is not decided by these figures.`)
      expect(paragraph('does not hold here')).toContain(`That ${so} does not hold here.`)
      expect(paragraph('undecided')).not.toContain(`: ${so}.`)
    }
  })

  test('figures that other programs disturbed state nothing but what does not depend on time', () => {
    const disturbed = evidence.trials.map((trial) => ({
      ...trial,
      disturbed: ['other programs used 60 % of each core'],
    }))
    const { paragraph, claims: stated } = analyseLab(lab, evidence.manifest, disturbed)
    const open = new Set(stated.flatMap(({ id, outcome }) => (outcome === 'undecided' ? [id] : [])))
    for (const { so, claims: ids = [] } of parts) {
      if (so !== undefined && ids.some((id) => open.has(id))) expect(paragraph).not.toContain(`: ${so}.`)
    }
    if (lab.isTimeless !== true) expect(open.size).toBeGreaterThan(0)
  })
})

test('one claim of several that is open leaves all of what rests on them open', () => {
  const parts = [{ measured: 'It was 2', so: 'two is more than one', claims: ['a', 'b'] }, { measured: 'It was 3' }]
  const claims = (a: LabClaim['outcome'], b: LabClaim['outcome']): LabClaim[] => [
    { id: 'a', outcome: a, sentence: '' },
    { id: 'b', outcome: b, sentence: '' },
  ]
  expect(paragraphOf(parts, claims('confirmed', 'confirmed'))).toBe('It was 2: two is more than one. It was 3.')
  expect(paragraphOf(parts, claims('confirmed', 'undecided'))).toBe(
    'It was 2. That two is more than one is not decided by these figures. It was 3.',
  )
  expect(paragraphOf(parts, claims('undecided', 'does not hold here'))).toBe(
    'It was 2. That two is more than one does not hold here. It was 3.',
  )
})

test('what was seen of several things is one sentence, those alike together', () => {
  const seen = (name: string, did: string | null): { name: string; did: string | null } => ({ name, did })
  expect(hereText([seen('a', 'hung'), seen('b', 'ended'), seen('c', 'hung')])).toBe('Here a and c hung, and b ended.')
  expect(hereText([seen('a', null)])).toBe('Here a could not be measured.')
})
