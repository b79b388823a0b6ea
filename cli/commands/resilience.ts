import { RESILIENCE } from '../../experiments/options/sets/resilience.ts'
import { prepareResilience, readResilience } from '../../experiments/resilience/prepare.ts'
import { resumeResilience } from '../../experiments/resilience/resume.ts'
import type { Command } from '../command.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { CONFIG_OPTION, giveOptions } from '../config/given-options.ts'
import { LIVE_OPTIONS } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'
import { injectAndReport } from '../resilience.ts'
import { RESUME_OPTION, resumedDir } from '../resume.ts'

/** `forkwise resilience`: what faults do to the requests under each model. */
export const command: Command = {
  name: 'resilience',
  summary: 'Show what a crash, a hang, a reload or an overload does to the requests under each model.',
  positionals: '',
  arity: [0, 0],
  description:
    'Launches each model, drives it in an open loop, and injects faults: reloads it, kills or stops a worker, ' +
    'blocks an event loop, lets workers crash at boot, lets them leak memory, sends 150 % of the measured capacity. Counts the ' +
    'requests that failed, hung and were slowed, and the time until the model was at full strength again. A model ' +
    'that does not support a fault is listed with the reason. What is driven is the built-in app, which needs no header and no ' +
    'body; faults under your own app are injected by `observe MODEL --app FILE --path … --fault NAME`.\n' +
    'Exit code 5 when a model that promises a reload without failed requests does not keep it.',
  options: [...lineOptions(RESILIENCE), CONFIG_OPTION, RESUME_OPTION, ...LIVE_OPTIONS],
  examples: [
    { line: 'forkwise resilience --quick', meaning: 'Every fault once under the usual models.' },
    {
      line: 'forkwise resilience --models cluster,reuse-port --faults kill',
      meaning: 'What a killed worker takes with it, where clients hang and where they are reset.',
    },
    {
      line: 'forkwise resilience --models celery,celery-late-reply,rq,uvicorn,nginx-gunicorn --faults kill --quick',
      meaning: 'Whose work is lost with a killed worker, and whose is run again.',
    },
    { line: 'forkwise resilience --models cluster --faults reload --repeats 5', meaning: 'Is a reload clean?' },
  ],
  json: true,
  async run(invocation) {
    const resumed = resumedDir(invocation)
    if (resumed !== null) return injectAndReport(await resumeResilience(resumed), invocation)
    const { given, config, problems } = await giveOptions('resilience', RESILIENCE, invocation)
    const request = await readResilience(given, problems)
    problems.throwIfAny('USAGE')
    const reproduce = (seed: number): string => reproducingCommand(invocation.line, seed, config)
    return injectAndReport(await prepareResilience(request, reproduce), invocation)
  },
}
