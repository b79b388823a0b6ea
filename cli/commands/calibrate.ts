import { EXIT } from '../../core/errors.ts'
import { formatDuration } from '../../core/quantities.ts'
import { calibrate } from '../../experiments/calibration/calibrate.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import type { ProofRow } from '../../loadtest/calibration/proof.ts'
import type { Command, Terminal } from '../command.ts'
import { narrate } from '../narration.ts'

/** `forkwise calibrate`: proves the generator on this machine. */
export const command: Command = {
  name: 'calibrate',
  summary: 'Verify the generator on this machine against servers with known latencies.',
  positionals: '',
  arity: [0, 0],
  description:
    'Measures servers of known behaviour (fixed delays, stalls, queues with latencies that can be computed, a spinning ' +
    'server) and compares the measurements with the truth. Takes about two minutes on an idle machine. The certificate ' +
    'is kept and goes into every later result; exits with 5 when a proof fails.',
  options: [],
  examples: [{ line: 'forkwise calibrate', meaning: 'Once on a machine, before results that matter.' }],
  json: true,
  async run({ json, signal, terminal }) {
    const onEvent = (event: ExperimentEvent): void => {
      if (event.type === 'run-started') {
        terminal.note(`${event.steps ?? 0} groups of proofs, about ${formatDuration(event.expectedS ?? 0)}.`)
      } else if (event.type === 'proof-finished' && !json) {
        terminal.result(event.rows.map((row) => rowText(row, terminal)).join('\n'))
      }
    }
    const { certificate, file } = await narrate(calibrate(signal), terminal, { onEvent })
    const { rows } = certificate
    const failed = rows.filter((row) => !row.passed).length
    terminal.result(
      json
        ? JSON.stringify(certificate, null, 2)
        : `${rows.length - failed} of ${rows.length} proofs passed. The certificate goes into later results: ${file}`,
    )
    return failed === 0 ? EXIT.ok : EXIT.threshold
  },
}

function rowText(row: ProofRow, terminal: Terminal): string {
  const mark = row.passed ? terminal.style('good', '✓') : terminal.style('bad', '✗')
  return `${mark} ${row.proof}: ${row.measured} for ${row.truth} ${terminal.style('faint', `(${row.error}, goal ${row.goal})`)}`
}
