import type { OptionSpec } from '../command.ts'
import { THRESHOLD_OPTIONS } from '../thresholds.ts'
import { DEFAULT_MODELS } from './wanted-models.ts'
import { DEFAULT_WORKLOADS } from './wanted-workloads.ts'

/** The options of `forkwise compare`. */
export const COMPARE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'models',
    type: 'string',
    value: 'a,b',
    help: `Server models, or "all" that can run here. Default: ${DEFAULT_MODELS.join(',')}.`,
  },
  { name: 'workloads', type: 'string', value: 'x,y', help: `Default: ${DEFAULT_WORKLOADS.join(',')}.` },
  { name: 'workers', type: 'string', value: 'n', help: 'Workers per model. Default: one per core for the server.' },
  { name: 'baseline', type: 'string', value: 'model', help: 'Compare the others with this model. Default: single.' },
  { name: 'quick', type: 'boolean', help: 'A pilot of about two minutes: shows the direction, settles little.' },
  { name: 'budget', type: 'string', value: '5m', help: 'Plan the run to fill this time.' },
  {
    name: 'blocks',
    type: 'string',
    value: 'n',
    help: 'Blocks to measure; each launches every model once per workload.',
  },
  { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
  { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
  { name: 'resume', type: 'string', value: 'dir', help: 'Go on with an interrupted run.' },
  {
    name: 'app',
    type: 'string',
    value: 'file',
    help: 'Your own app: a module that exports an Express app, a listener or createApp().',
  },
  {
    name: 'path',
    type: 'string',
    value: 'path',
    multiple: true,
    help: 'With --app: a path to request; may be given several times.',
  },
  { name: 'node', type: 'string', value: 'path', help: 'Run the measured processes on this Node.' },
  { name: 'timeout', type: 'string', value: '5s', help: 'Give a request up after this time. Default: 5s.' },
  {
    name: 'metrics',
    type: 'string',
    value: 'on|off',
    help: 'Measure with or without the servers’ own metrics. Default: on.',
  },
  {
    name: 'prometheus',
    type: 'boolean',
    help: 'Watch the run with a private Prometheus, where it is installed; its data stays in the results folder. Each launch takes some 4 s longer, until Prometheus has found its units.',
  },
  {
    name: 'targets',
    type: 'string',
    value: 'dir',
    help: 'Name the units of each launch in this folder to your own Prometheus (file_sd), e.g. dashboards/compose/targets.',
  },
  ...THRESHOLD_OPTIONS,
]
