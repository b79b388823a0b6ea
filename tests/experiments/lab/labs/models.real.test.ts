import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProgram } from '../../../../cluster/programs.ts'
import { openSession, type Session } from '../../../../cluster/session.ts'
import { lab } from '../../../../experiments/lab/labs/models.ts'
import { labContext } from '../program-runner.ts'

const cases = lab.cases({ quick: true, change: 50, cores: 2, lacks: [] })

let session: Session
beforeAll(async () => {
  session = await openSession()
})
afterAll(() => session.close())

test.each(cases.map((each) => [`${each.language}: ${each.name}`, each] as const))(
  '%s comes to the counts of a plain loop',
  async (_, labCase) => {
    if (labCase.language === 'python' && findProgram('python3') === null) return
    const { figures, words } = await labCase.measure(labContext(process.execPath, session))
    expect(words).toEqual({ counts: 'right' })
    expect(figures['tookMs']).toBeGreaterThan(0)
  },
  60_000,
)
