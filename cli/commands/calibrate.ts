import { EXIT } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { formatDuration } from '../../core/quantities.ts'
import type { Certificate } from '../../core/records.ts'
import type { ProofRow } from '../../loadtest/calibration/proof.ts'
import { LOAD_PROOFS } from '../../loadtest/calibration/proofs.ts'
import { writeCertificate } from '../../loadtest/certificate.ts'
import { HostMeter } from '../../loadtest/host.ts'
import { noiseFindings } from '../../loadtest/preflight.ts'
import type { Command, Terminal } from '../command.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { availableCores } from '../../core/cores.ts'

/** `forkwise calibrate`: proves the generator on this machine. */
export const command: Command = {
  name: 'calibrate',
  summary: 'Prove the generator on this machine against servers whose every latency is known.',
  positionals: '',
  arity: [0, 0],
  description:
    'Measures servers of known behaviour (fixed delays, stalls, queues whose every latency can be computed, a spinning ' +
    'server) and sets what was measured against the truth. Takes about two minutes on a quiet machine. The certificate ' +
    'is kept and goes into every later result; exits with 5 when a proof fails.',
  options: [],
  examples: [{ line: 'forkwise calibrate', meaning: 'Once on a machine, before results that matter.' }],
  json: true,
  async run({ json, signal, terminal }) {
    const machine = machineFacts()
    const expectedS = LOAD_PROOFS.reduce((sum, proof) => sum + proof.expectedS, 0)
    terminal.note(`${LOAD_PROOFS.length} groups of proofs, about ${formatDuration(expectedS)}.`)
    for (const finding of await noiseFindings(new HostMeter(availableCores(), []))) {
      if (finding.level !== 'fine')
        terminal.note(terminal.style('warn', `${finding.check}: ${finding.found}. ${finding.remedy}`))
    }
    const rows: ProofRow[] = []
    for (const proof of LOAD_PROOFS) {
      const found = await proof.run({ signal, scale: 1, say: (text) => terminal.live(`${proof.name}: ${text}`) })
      signal.throwIfAborted()
      terminal.live('')
      rows.push(...found)
      if (!json) terminal.result(found.map((row) => rowText(row, terminal)).join('\n'))
    }
    const certificate: Certificate = {
      schema: 'forkwise/certificate@1',
      createdAt: new Date().toISOString(),
      machineId: machine.id,
      forkwiseVersion: forkwiseVersion(),
      rows,
    }
    const file = writeCertificate(certificate)
    const failed = rows.filter((row) => !row.passed).length
    if (json) terminal.result(JSON.stringify(certificate, null, 2))
    else {
      terminal.result(
        `${rows.length - failed} of ${rows.length} proofs passed. The certificate goes into later results: ${file}`,
      )
    }
    return failed === 0 ? EXIT.ok : EXIT.threshold
  },
}

function rowText(row: ProofRow, terminal: Terminal): string {
  const mark = row.passed ? terminal.style('good', '✓') : terminal.style('bad', '✗')
  return `${mark} ${row.proof}: ${row.measured} for ${row.truth} ${terminal.style('faint', `(${row.error}, goal ${row.goal})`)}`
}
