import { machineFacts } from '../../core/machine.ts'
import { deriveSeed } from '../../core/random.ts'
import type { Bench } from '../bench.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { runVerdictExperiment } from '../../experiments/self-proof/experiment.ts'
import { figuresOf } from './figures.ts'
import { appendToTally, readTally, type Subject, tallyFile } from '../../store/proof-tally.ts'

const SEED = 20_261_124

/**
 * A bench of whole comparisons with a known true outcome. It runs as many experiments as are asked for, or those still
 * missing to `enough`, adds each to the tally as soon as it is over, and reports the totals.
 */
export function verdictBench(name: string, summary: string, subject: Subject, enough: number): Bench {
  return {
    name,
    summary,
    onRequest: true,
    async run({ signal, say, experiments }) {
      const file = tallyFile()
      const key = { subject, machineId: machineFacts().id, forkwiseVersion: forkwiseVersion() }
      const before = readTally(file, key).length
      const wanted = experiments ?? Math.max(0, enough - before)
      for (let i = before; i < before + wanted; i++) {
        const seed = deriveSeed(SEED, subject, i)
        const outcome = await runVerdictExperiment(subject, i, seed, signal, (text) =>
          say(`experiment ${i + 1 - before} of ${wanted}, ${text}`),
        )
        appendToTally(file, {
          schema: 'forkwise/verdict-proof@1',
          ...key,
          at: new Date().toISOString(),
          ...outcome,
        })
      }
      return figuresOf(subject, readTally(file, key), enough)
    },
  }
}
