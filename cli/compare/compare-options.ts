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
  { name: 'quick', type: 'boolean', help: 'A pilot of under three minutes: shows the direction, settles little.' },
  { name: 'budget', type: 'string', value: '5m', help: 'Plan the run to fill this time.' },
  {
    name: 'blocks',
    type: 'string',
    value: 'n',
    help: 'Blocks to measure; each launches every model once per workload.',
  },
  { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
  { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
  {
    name: 'config',
    type: 'string',
    value: 'file',
    help: 'A configuration, or "none". Default: forkwise.config.js, .mjs, .cjs or .json of the current folder, if there is one. Options win over it.',
  },
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
    help: 'With --app or --url: a path to request, e.g. /orders/42, 9:/orders (weight 9) or "1:POST /orders"; may be given several times.',
  },
  {
    name: 'url',
    type: 'string',
    value: 'address',
    multiple: true,
    help: 'A server that runs already on this machine, in any language, e.g. http://127.0.0.1:8080; may be given several times. It is driven like the others, but never started or ended.',
  },
  { name: 'name', type: 'string', value: 'word', multiple: true, help: 'With --url: what to call that server.' },
  {
    name: 'pid',
    type: 'string',
    value: '[word=]n',
    multiple: true,
    help: 'With --url: the root process of that server, for its CPU and memory.',
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
  { name: 'anyway', type: 'boolean', help: 'Measure even on a machine whose speed is too unsteady to trust.' },
  ...THRESHOLD_OPTIONS,
]
