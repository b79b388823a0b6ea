import { EXIT } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { readHighestRate } from '../../experiments/capacity/read-requests.ts'
import { HIGHEST_RATE } from '../../experiments/options/sets/measuring.ts'
import { prepareHighestRate, runHighestRate } from '../../experiments/capacity/highest-rate.ts'
import { capacityText } from '../../report/capacity/capacity-text.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION } from '../config/given-options.ts'
import { LIVE_OPTIONS } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'
import { giveOrResume, RESUME_OPTION } from '../resume.ts'

/** `forkwise capacity`: the highest rate within an objective. */
export const command: Command = {
  name: 'capacity',
  summary: 'Find the highest rate at which a model meets an objective, and what bounds it.',
  positionals: 'MODEL…',
  arity: [0, 30],
  description:
    'Measures latency against rate in open loops, and searches for the highest rate that meets the objective: short trials ' +
    'show where to look, then both bounds are confirmed by at least three trials each. Ends within the budget. To ' +
    'plan with what was measured: forkwise plan --from DIR.',
  options: [...lineOptions(HIGHEST_RATE), CONFIG_OPTION, RESUME_OPTION, ...LIVE_OPTIONS],
  examples: [
    { line: "forkwise capacity cluster --slo 'p99<50ms'", meaning: 'How much can four cores do within 50 ms?' },
    {
      line: "forkwise capacity single cluster --slo 'p99<200ms,errors<0.1%' --workload mixed --budget 5m",
      meaning: 'Two models, a mixed workload.',
    },
  ],
  json: true,
  async run(invocation) {
    const { terminal, json, signal } = invocation
    const { given, problems, resumed } = await giveOrResume('capacity', HIGHEST_RATE, invocation)
    const request = await readHighestRate(given, problems, resumed)
    problems.throwIfAny('USAGE')
    const prepared = await prepareHighestRate(request)
    const result = await narrateAndReport(() => runHighestRate(prepared, signal), invocation)
    terminal.result(json ? resultJson(result, 2) : capacityText(result, (kind, text) => terminal.style(kind, text)))
    return result.models.every(({ search }) => search.passedPerS !== null) ? EXIT.ok : EXIT.threshold
  },
}
