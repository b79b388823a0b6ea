import { ProblemList } from '../../core/errors.ts'
import { parseCount } from '../../core/quantities.ts'
import { freshSeed } from '../../core/seed.ts'
import { faultIds } from '../../experiments/faults/faults.ts'
import {
  DEFAULT_MODELS,
  DEFAULT_REPEATS,
  DEFAULT_WORKERS,
  prepareResilience,
  type ResilienceRequest,
} from '../../experiments/resilience/prepare.ts'
import type { Command } from '../command.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { OptionReader } from '../options.ts'
import { injectAndReport } from '../resilience.ts'

/** `forkwise resilience`: what faults do to the requests under each model. */
export const command: Command = {
  name: 'resilience',
  summary: 'Show what a crash, a hang, a reload or an overload does to the requests under each model.',
  positionals: '',
  arity: [0, 0],
  description:
    'Launches each model, drives it in an open loop, and does something to it: reloads it, kills or stops a worker, ' +
    'blocks an event loop, lets workers crash at boot, lets them leak memory, asks for one and a half times what they can do. Counts the ' +
    'requests that failed, hung and were slowed, and the time until the model was at full strength again. A model ' +
    'that cannot do what a fault asks for is listed with the reason.\n' +
    'Exit code 5 when a model that promises a reload without failed requests does not keep it.',
  options: [
    {
      name: 'models',
      type: 'string',
      value: 'a,b',
      help: `Models to inject faults into. Default: those of ${DEFAULT_MODELS.join(', ')} that can run here.`,
    },
    {
      name: 'faults',
      type: 'string',
      value: 'a,b',
      help: `Faults: ${faultIds().join(', ')}. Default: all.`,
    },
    { name: 'workers', type: 'string', value: 'n', help: `Workers of each model. Default: ${DEFAULT_WORKERS}.` },
    { name: 'repeats', type: 'string', value: 'n', help: `Launches for each figure. Default: ${DEFAULT_REPEATS}.` },
    { name: 'quick', type: 'boolean', help: 'One launch for each figure: shows what can happen, not how often.' },
    { name: 'node', type: 'string', value: 'path', help: 'Run the measured processes on this Node.' },
    {
      name: 'python',
      type: 'string',
      value: 'path',
      help: 'Run the models in Python on this interpreter: pypy3, a free-threaded CPython.',
    },
    { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
    { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
  ],
  examples: [
    { line: 'forkwise resilience --quick', meaning: 'Every fault once under the usual models.' },
    {
      line: 'forkwise resilience --models cluster,reuse-port --faults kill',
      meaning: 'What a killed worker takes with it, where clients hang and where they are reset.',
    },
    { line: 'forkwise resilience --models cluster --faults reload --repeats 5', meaning: 'Is a reload clean?' },
  ],
  json: true,
  async run(invocation) {
    const problems = new ProblemList()
    const options = new OptionReader(invocation.values, problems)
    options.atMostOne(['quick', 'repeats'])
    const repeats = options.read('repeats', (text, option) => parseCount(text, option, 1, 50), DEFAULT_REPEATS)
    const request: ResilienceRequest = {
      models: options.list('models'),
      faults: options.list('faults'),
      workers: options.read('workers', (text, option) => parseCount(text, option, 1, 64), DEFAULT_WORKERS),
      repeats: options.flag('quick') ? 1 : repeats,
      seed: options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed()),
      nodePath: options.text('node'),
      pythonPath: options.text('python'),
      out: options.text('out'),
    }
    const reproduce = (seed: number): string => reproducingCommand(invocation.line, seed)
    return injectAndReport(await prepareResilience(request, reproduce, problems), invocation)
  },
}
