import { EXIT } from '../../core/errors.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { observe } from '../../experiments/observation/live.ts'
import { prepareObservation, readServing } from '../../experiments/observation/prepare.ts'
import { SERVE } from '../../experiments/options/sets/live.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION, giveOptions } from '../config/given-options.ts'
import { LIVE_OPTIONS, narrateLive } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'

/** `forkwise serve`: one model in the foreground, to play with by hand. */
export const command: Command = {
  name: 'serve',
  summary: 'Run the app under one server model in the foreground.',
  positionals: 'MODEL',
  arity: [0, 1],
  description:
    'Starts the model, prints "ready" with its addresses and units, and serves until Ctrl-C. The dependency that ' +
    'io-upstream calls is started with it.',
  options: [...lineOptions(SERVE), ...LIVE_OPTIONS, CONFIG_OPTION],
  examples: [
    { line: 'forkwise serve cluster --workers 4', meaning: 'Then: curl "http://127.0.0.1:3000/cpu/prime?n=97"' },
    { line: 'forkwise serve cluster --live', meaning: 'See every worker turn, block, end and come back.' },
    { line: 'forkwise serve single --app ./app.js --port 8080', meaning: 'Your own app, one process.' },
  ],
  json: true,
  async run(invocation) {
    const { json, signal, terminal } = invocation
    const { given, problems } = await giveOptions('serve', SERVE, invocation)
    const request = await readServing(given, problems)
    problems.throwIfAny('USAGE')
    const prepared = await prepareObservation(request)
    const onEvent = (event: ExperimentEvent): void => {
      if (event.type !== 'server-ready') return
      const { targets, units } = event
      if (json) {
        terminal.result(JSON.stringify({ schema: 'forkwise/serve@1', model: prepared.model.id, targets, units }))
        return
      }
      terminal.result(`ready ${targets.join(' ')}`)
      for (const { name, role, pid, metricsUrl } of units) {
        terminal.note(terminal.style('faint', `  ${name} (${role}, pid ${pid}) ${metricsUrl ?? ''}`))
      }
    }
    const { stoppedInS } = await narrateLive(() => observe(prepared, signal), invocation, { onEvent })
    terminal.note(`Stopped in ${stoppedInS.toFixed(1)} s.`)
    return EXIT.ok
  },
}
