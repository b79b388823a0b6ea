import { availableCores } from '../../core/cores.ts'
import { machineFacts } from '../../core/machine.ts'
import type { Certificate } from '../../core/records.ts'
import { forkwiseVersion } from '../../core/version.ts'
import type { Proof, ProofRow } from '../../loadtest/calibration/proof.ts'
import { LOAD_PROOFS } from '../../loadtest/calibration/proofs.ts'
import { writeCertificate } from '../../loadtest/certificate.ts'
import { GeneratorProcesses } from '../../loadtest/generator-processes.ts'
import { HostMeter } from '../../loadtest/host.ts'
import { noiseFindings } from '../../loadtest/preflight.ts'
import { newRunId } from '../../store/run-identity.ts'
import type { Emit } from '../events.ts'
import { type Run, startRun } from '../run.ts'

/** What a calibration came to. */
export interface CalibrationOutcome {
  readonly certificate: Certificate
  /** Where it is kept, so that it goes into later results. */
  readonly file: string
}

/**
 * Proves the generator on this machine against servers whose every latency is known, and keeps the certificate; a proof
 * that fails is in it. Rejects when the signal aborts: a certificate is whole or not there.
 */
export function calibrate(signal: AbortSignal): Run<CalibrationOutcome> {
  return startRun(async (emit) => {
    const rows = await runProofs(LOAD_PROOFS, signal, emit)
    const certificate: Certificate = {
      schema: 'forkwise/certificate@1',
      createdAt: new Date().toISOString(),
      machineId: machineFacts().id,
      forkwiseVersion: forkwiseVersion(),
      rows,
    }
    return { certificate, file: writeCertificate(certificate) }
  })
}

/** Runs groups of proofs, one after the other, after a look at what on the machine may spoil them. */
export async function runProofs(
  proofs: readonly Proof[],
  signal: AbortSignal,
  emit: Emit,
  look: () => ReturnType<typeof noiseFindings> = () => noiseFindings(new HostMeter(availableCores(), [])),
): Promise<readonly ProofRow[]> {
  const expectedS = proofs.reduce((sum, proof) => sum + proof.expectedS, 0)
  const id = newRunId('calibrate')
  emit({ type: 'run-started', experiment: 'calibrate', id, dir: null, steps: proofs.length, expectedS })
  for (const { check, level, found, remedy } of await look()) {
    if (level !== 'ok') emit({ type: 'note', level: 'warning', text: `${check}: ${found}. ${remedy}` })
  }
  const rows: ProofRow[] = []
  const generators = new GeneratorProcesses()
  try {
    for (const proof of proofs) {
      emit({ type: 'step-started', label: proof.name })
      const say = (text: string): void => emit({ type: 'activity', text: `${proof.name}: ${text}` })
      const found = await proof.run({ signal, generators, scale: 1, say })
      signal.throwIfAborted()
      rows.push(...found)
      emit({ type: 'proof-finished', proof: proof.name, rows: found })
    }
    return rows
  } finally {
    await generators.close()
  }
}
