import { EXIT } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { prepareOutsideScale } from '../../experiments/capacity/outside-scale.ts'
import { readScale } from '../../experiments/capacity/read-requests.ts'
import { SCALE } from '../../experiments/options/sets/measuring.ts'
import { prepareMeasuredScale, runScale } from '../../experiments/capacity/scale.ts'
import { scaleText } from '../../report/capacity/scale-text.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION } from '../config/given-options.ts'
import { LIVE_OPTIONS, noteUnusedLive } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'
import { giveOrResume, RESUME_OPTION } from '../resume.ts'

/** `forkwise scale`: throughput against the number of workers. */
export const command: Command = {
  name: 'scale',
  summary: 'Show how throughput grows with the number of workers, and where it ends.',
  positionals: 'MODEL…',
  arity: [0, 30],
  description:
    'Launches each model with one worker count after another, in randomised blocks, and measures throughput, CPU per ' +
    'request and latency at saturation. Fits the Universal Scalability Law with intervals for contention, coherency ' +
    'and the peak, says which worker count suffices and what limits it. To plan with the results: forkwise plan --from DIR. ' +
    'With --from-csv, fits what was measured elsewhere instead: a table of workers (or concurrency) and throughput, with ' +
    'repetitions as rows or columns.',
  options: [...lineOptions(SCALE), CONFIG_OPTION, RESUME_OPTION, ...LIVE_OPTIONS],
  examples: [
    { line: 'forkwise scale cluster', meaning: 'From one worker to twice the cores.' },
    {
      line: 'forkwise scale single cluster worker-pool --workers 1..20 --budget 15m',
      meaning: 'The whole picture on a large machine.',
    },
    {
      line: 'forkwise scale --from-csv measured.csv --rate 900',
      meaning: 'The law through your own figures, and the workers that 900/s needs.',
    },
  ],
  json: true,
  async run(invocation) {
    const { terminal, json, signal } = invocation
    const { given, problems, resumed } = await giveOrResume('scale', SCALE, invocation)
    const request = await readScale(given, problems, resumed)
    if ('fromCsv' in request) noteUnusedLive('--from-csv', 'nothing is run', invocation.values, problems)
    problems.throwIfAny('USAGE')
    const prepared = 'fromCsv' in request ? prepareOutsideScale(request) : await prepareMeasuredScale(request)
    const result = await narrateAndReport(() => runScale(prepared, signal), invocation)
    terminal.result(json ? resultJson(result, 2) : scaleText(result.models, (kind, text) => terminal.style(kind, text)))
    return EXIT.ok
  },
}
