import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Judgement } from '../../../core/drill-record.ts'
import type { Drill } from '../../../experiments/drill/drill.ts'
import { type DrillProof, missedClauses, type ProofOptions, proveDrill } from '../../../experiments/drill/proof.ts'
import { loadDrill } from '../../../experiments/drill/drills.ts'

/** What nothing takes, on the busiest machine; it only ends what hangs. */
const PATIENCE_MS = 900_000

/**
 * The proof of a drill, as tests: its goal is met before the fault, not during it, not after the typical wrong turn, but
 * after the reference fix and after another one. Where the drill cannot run, its lack is the reason to skip it.
 */
export function proveInTests(id: string, { seed = 20, sideBySide = false }: Partial<ProofOptions> = {}): void {
  describe(`the proof of the drill ${id}`, () => {
    const over = new AbortController()
    let drill: Drill | null = null
    let proof: DrillProof | null = null
    let lack: string | null = null

    beforeAll(async () => {
      drill = await loadDrill(id)
      lack = (await drill.lacks?.())?.what ?? null
      if (lack === null) proof = await proveDrill(drill, { seed, sideBySide, signal: over.signal })
    }, PATIENCE_MS)
    afterAll(() => over.abort())

    test.each([
      ['before', 'solved'],
      ['during', 'not-yet'],
      ['afterWrongTurn', 'not-yet'],
      ['afterReference', 'solved'],
      ['afterOther', 'solved'],
    ] as const)('%s: %s', (point, outcome) => {
      if (lack !== null) return expect(lack).not.toBe('')
      const judgement: Judgement | null = proof?.[point] ?? null
      expect(judgement, JSON.stringify(proof, null, 2)).toMatchObject({ outcome })
      if (judgement !== null && outcome === 'not-yet') expect(missedClauses(judgement)).not.toEqual([])
    })
  })
}
