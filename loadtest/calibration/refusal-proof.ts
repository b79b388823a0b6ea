import { ForkwiseError } from '../../core/errors.ts'
import { formatRate } from '../../core/quantities.ts'
import { driverFor } from '../drivers.ts'
import { generatorCeiling } from '../generator-ceiling.ts'
import { startKnownServer } from './known-server-process.ts'
import { proofLoad, proofRequest, type Proof } from './proof.ts'

/** A rate of twice what the generator can do is refused before anything is sent. */
export const refusalProof: Proof = {
  name: 'refusal',
  summary: 'a rate of twice the generator’s ceiling',
  expectedS: 5,
  async run({ signal, say }) {
    say('the ceiling of the generator')
    const ceiling = await generatorCeiling(0)
    const load = proofLoad(2 * ceiling.measuredPerS * ceiling.processes, 1)
    const server = await startKnownServer()
    try {
      const requests = [proofRequest('/now')]
      const outcome = await driverFor(load)
        .run([server.url], { id: 'proof', requests }, load, { signal })
        .then(
          () => 'sent',
          (error: unknown) => (error instanceof ForkwiseError && error.code === 'MACHINE_UNFIT' ? 'refused' : 'failed'),
        )
      const { arrived } = await server.counts()
      return [
        {
          proof: `${formatRate(load.ratePerS)}, twice what the generator can do`,
          truth: 'refused',
          measured: `${outcome}, ${arrived} requests sent`,
          error: outcome === 'refused' ? 'none' : outcome,
          goal: 'refused, nothing sent',
          passed: outcome === 'refused' && arrived === 0,
        },
      ]
    } finally {
      await server.stop()
    }
  },
}
