import { existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { expect, test } from 'vitest'
import { LabFigures } from '../../../analysis/lab/figures.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { labIds, loadLab, loadLabs } from '../../../experiments/lab/labs.ts'
import { programSource } from '../../../experiments/lab/sources.ts'
import { paragraphOf } from '../../../experiments/lab/telling.ts'
import { machineFacts } from '../../../core/machine.ts'
import type { LabManifest } from '../../../core/lab-record.ts'
import type { Lab } from '../../../experiments/lab/lab.ts'

const labs = await loadLabs()

test('the labs are numbered in teaching order, each number once', () => {
  const numbers = labs.map(({ number }) => number)
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  expect(numbers.every((number) => number >= 1)).toBe(true)
})

test('a name that is none is refused with those that are', async () => {
  await expect(loadLab('spiner')).rejects.toThrow('Expected a lab that exists, got "spiner".')
  expect(labIds()).toEqual(labs.map(({ id }) => id).toSorted())
})

test.each(labs.map((lab) => [lab.id, lab] as const))('%s: keeps what every lab promises', (_, lab) => {
  expect(lab.extent.quick.expectedS).toBeLessThanOrEqual(20)
  expect(lab.extent.full.expectedS).toBeLessThanOrEqual(60)
  const cases = lab.cases({ quick: true, change: lab.change?.default ?? '', cores: 2, lacks: [] })
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  expect(new Set(lab.asks.map(({ id }) => id)).size).toBe(lab.asks.length)
  for (const program of lab.programs) {
    expect(existsSync(join(PACKAGE_ROOT, 'experiments/lab/programs', program)), program).toBe(true)
  }
  for (const id of lab.timelessClaims ?? []) expect(claimIds(lab)).toContain(id)
  for (const ask of lab.asks) if (ask.kind === 'number') expect(ask.within).toBeGreaterThan(1)
})

test.each(labs.map((lab) => [lab.id, lab] as const))(
  '%s: without a single figure no claim is confirmed and no text breaks',
  (_, lab) => {
    for (const cores of [1, 2]) {
      const cases = lab.cases({ quick: true, change: lab.change?.default ?? '', cores, lacks: [] })
      const machine = { ...machineFacts(), cores }
      const manifest = { cases, predictions: {}, change: null, quick: true, machine } as unknown as LabManifest
      const evidence = { manifest, figures: new LabFigures([]), trials: [] }
      expect(lab.claims(evidence).filter(({ outcome }) => outcome !== 'undecided')).toEqual([])
      expect(paragraphOf(lab.explain(evidence), lab.claims(evidence))).not.toMatch(/NaN|undefined|null|Infinity/)
      const outcomes = lab.outcomes(evidence)
      for (const ask of lab.asks) expect(outcomes[ask.id] ?? null).toBeNull()
      expect(() => lab.pictures(evidence)).not.toThrow()
    }
  },
)

test.each(labs.map((lab) => [lab.id, lab] as const))(
  '%s: what is printed to be read is as it was written, with all that its programs run and measure',
  (_, lab) => {
    const paths = lab.programs.map((program) => programSource(program).path)
    expect(new Set(paths).size).toBe(paths.length)
    for (const program of lab.programs) {
      const { path, text } = programSource(program)
      expect(path).toMatch(/^(experiments|server)\/.*\.(ts|py)$/)
      const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, file = '']) => posix.join(dirname(path), file))
      const measured = imported.filter((file) =>
        path.startsWith('experiments/lab/programs/')
          ? /^(experiments\/lab\/programs|server\/handlers)\//.test(file) && !file.endsWith('/trace.ts')
          : false,
      )
      expect(paths).toEqual(expect.arrayContaining(measured))
    }
  },
)

/** The ids of all claims that a lab may make: those with every case there. */
function claimIds(lab: Lab): string[] {
  const cases = lab.cases({ quick: false, change: lab.change?.default ?? '', cores: 2, lacks: [] })
  const cells = cases.map(({ id, name, language }) => ({ id, name, language, figures: {}, words: {}, failures: [] }))
  const manifest = {
    cases,
    predictions: {},
    change: null,
    quick: true,
    machine: machineFacts(),
  } as unknown as LabManifest
  return lab.claims({ manifest, figures: new LabFigures(cells), trials: [] }).map(({ id }) => id)
}
