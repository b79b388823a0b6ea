import { EXIT, ProblemList } from '../../core/errors.ts'
import { parseCount } from '../../core/quantities.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { observe } from '../../experiments/observation/live.ts'
import { DEFAULT_PORT, prepareObservation } from '../../experiments/observation/prepare.ts'
import type { Command } from '../command.ts'
import { narrate } from '../narration.ts'
import { OptionReader } from '../options.ts'
import { OWN_APP_OPTIONS, readOwnApp } from '../own-app.ts'

/** `forkwise serve`: one model in the foreground, to play with by hand. */
export const command: Command = {
  name: 'serve',
  summary: 'Run the app under one server model in the foreground.',
  positionals: 'MODEL',
  arity: [1, 1],
  description:
    'Starts the model, prints "ready" with its addresses and units, and serves until Ctrl-C. The dependency that ' +
    'io-upstream calls is started with it.',
  options: [
    { name: 'workers', type: 'string', value: 'n', help: 'Workers. Default: one per core.' },
    {
      name: 'port',
      type: 'string',
      value: 'p',
      help: `Port to listen on; 0 for any free one. Default: ${DEFAULT_PORT}.`,
    },
    ...OWN_APP_OPTIONS,
    { name: 'node', type: 'string', value: 'path', help: 'Run the server on this Node.' },
    { name: 'python', type: 'string', value: 'path', help: 'Run a server in Python on this interpreter.' },
  ],
  examples: [
    { line: 'forkwise serve cluster --workers 4', meaning: 'Then: curl "http://127.0.0.1:3000/cpu/prime?n=97"' },
    { line: 'forkwise serve single --app ./app.js --port 8080', meaning: 'Your own app, one process.' },
  ],
  json: true,
  async run({ positionals, values, json, signal, terminal }) {
    const problems = new ProblemList()
    const options = new OptionReader(values, problems)
    const [model = ''] = positionals
    const prepared = await prepareObservation(
      {
        model,
        workers: options.read('workers', (text, option) => parseCount(text, option, 1, 128), undefined),
        port: options.read('port', (text, option) => parseCount(text, option, 0, 65_535), undefined),
        app: readOwnApp(options, problems),
        nodePath: options.text('node'),
        pythonPath: options.text('python'),
        reader: null,
      },
      problems,
    )
    const onEvent = (event: ExperimentEvent): void => {
      if (event.type !== 'server-ready') return
      const { targets, units } = event
      if (json) {
        terminal.result(JSON.stringify({ schema: 'forkwise/serve@1', model, targets, units }))
        return
      }
      terminal.result(`ready ${targets.join(' ')}`)
      for (const { name, role, pid, metricsUrl } of units) {
        terminal.note(terminal.style('faint', `  ${name} (${role}, pid ${pid}) ${metricsUrl ?? ''}`))
      }
    }
    const { stoppedInS } = await narrate(observe(prepared, signal), terminal, { onEvent })
    terminal.note(`Stopped in ${stoppedInS.toFixed(1)} s.`)
    return EXIT.ok
  },
}
