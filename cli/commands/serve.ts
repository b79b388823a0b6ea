import { untilAborted } from '../../core/abort.ts'
import { availableCores } from '../../core/cores.ts'
import { startDependency } from '../../cluster/dependency.ts'
import { findModel } from '../../cluster/models.ts'
import { openSession } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { EXIT, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { parseCount } from '../../core/quantities.ts'
import type { Command } from '../command.ts'
import { noteReaped } from '../leftovers.ts'
import { requireRunnable } from '../../cluster/runnable.ts'
import { OptionReader } from '../options.ts'
import { OWN_APP_OPTIONS, readOwnApp } from '../own-app.ts'

/** Seconds that requests in flight get when the server is ended. */
const GRACE_S = 5

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
    { name: 'port', type: 'string', value: 'p', help: 'Port to listen on; 0 for any free one. Default: 3000.' },
    ...OWN_APP_OPTIONS,
    { name: 'node', type: 'string', value: 'path', help: 'Run the server on this Node.' },
  ],
  examples: [
    { line: 'forkwise serve cluster --workers 4', meaning: 'Then: curl "http://127.0.0.1:3000/cpu/prime?n=97"' },
    { line: 'forkwise serve single --app ./app.js --port 8080', meaning: 'Your own app, one process.' },
  ],
  json: true,
  async run({ positionals, values, json, signal, terminal }) {
    const problems = new ProblemList()
    const options = new OptionReader(values, problems)
    const model = await findModel(positionals[0] ?? '')
    const workers = options.read('workers', (text, option) => parseCount(text, option, 1, 128), availableCores())
    const port = options.read('port', (text, option) => parseCount(text, option, 0, 65_535), 3000)
    const ownApp = readOwnApp(options, problems)
    problems.throwIfAny('USAGE')
    const { node, app, notes } = await requireRunnable(model, options.text('node') ?? null, ownApp)
    for (const note of notes) terminal.note(note)
    const session = await openSession()
    try {
      noteReaped(session.reaped, terminal)
      const dependency = await startDependency(session, { signal })
      const server = await startServer(model, {
        session,
        size: { workers, threads: 1 },
        app,
        metrics: true,
        upstreamUrl: dependency.url,
        nodePath: node.nodePath,
        port,
        signal,
      })
      const targets = server.targets.map((target) => target.href)
      const units = await server.units()
      if (json) terminal.result(JSON.stringify({ schema: 'forkwise/serve@1', model: model.id, targets, units }))
      else {
        terminal.result(`ready ${targets.join(' ')}`)
        for (const unit of units) {
          terminal.note(
            terminal.style('faint', `  ${unit.name} (${unit.role}, pid ${unit.pid}) ${unit.metricsUrl ?? ''}`),
          )
        }
      }
      const end = await Promise.race([server.ended, untilAborted(signal)])
      const tail = server.logTail()
      const stopped = await server.stop(GRACE_S)
      if (end !== null) {
        throw new ForkwiseError('START_FAILED', {
          message: `The server ended by itself: ${end.reason}.${tail === '' ? '' : `\nThe end of its logs:\n${tail}`}`,
        })
      }
      terminal.note(`Ended in ${stopped.tookS.toFixed(1)} s.`)
      return EXIT.ok
    } finally {
      await session.close()
    }
  },
}
