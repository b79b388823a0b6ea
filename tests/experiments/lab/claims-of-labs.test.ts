import { expect, test } from 'vitest'
import { loadLabs } from '../../../experiments/lab/labs.ts'
import { LabFigures } from '../../../analysis/lab/figures.ts'
import { labCells } from '../../../analysis/lab/summary.ts'
import { analyseLab } from '../../../experiments/lab/run.ts'
import { everythingMeasured } from './made-up-evidence.ts'

const labs = (await loadLabs()).map((lab) => [lab.id, lab] as const)

test.each(labs)('%s: no claim is decided whose sentence has something in it that was not measured', (_, lab) => {
  const { manifest, trials } = everythingMeasured(lab)
  for (const { id } of manifest.cases) {
    const others = trials.filter((trial) => trial.case !== id)
    const evidence = { manifest, trials: others, figures: new LabFigures(labCells(manifest.cases, others)) }
    const decided = lab.claims(evidence).filter(({ outcome }) => outcome === 'confirmed')
    expect(
      decided.filter(({ sentence }) => /unknown|not (be )?measured|not all of these/.test(sentence)),
      `without ${id}`,
    ).toEqual([])
  }
})

test.each(labs)('%s: questions and the end of the belief name claims that it makes', (_, lab) => {
  const ids = lab.claims(everythingMeasured(lab)).map(({ id }) => id)
  for (const { claims } of lab.asks) for (const claim of claims) expect(ids).toContain(claim)
  expect(lab.endedBy.length).toBeGreaterThan(0)
  for (const claim of lab.endedBy) expect(ids).toContain(claim)
})

test.each(labs)('%s: a prediction is not scored while a claim about its fact is undecided', (_, lab) => {
  const { manifest, trials } = everythingMeasured(lab)
  const outcomes = lab.outcomes({ manifest, trials, figures: new LabFigures(labCells(manifest.cases, trials)) })
  const predictions = Object.fromEntries(
    Object.entries(outcomes).flatMap(([id, value]) => (value === null ? [] : [[id, value]])),
  )
  const busy = ['other programs used 40 % of each core (limit 10 %)']
  const disturbed = trials.map((trial) => ({ ...trial, disturbed: busy }))
  for (const recorded of [trials, disturbed]) {
    const { answers, claims, beliefEnds } = analyseLab(lab, { ...manifest, predictions }, recorded)
    const open = claims.flatMap(({ id, outcome }) => (outcome === 'undecided' ? [id] : []))
    for (const { id, right } of answers) {
      const about = lab.asks.find((ask) => ask.id === id)?.claims ?? []
      if (about.some((claim) => open.includes(claim))) expect(right).toBeNull()
    }
    if (lab.endedBy.every((claim) => open.includes(claim))) expect(beliefEnds).not.toBe('confirmed')
  }
})
