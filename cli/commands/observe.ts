import { resolve } from 'node:path'
import { EXIT, type ExitCode, messageOf, ProblemList } from '../../core/errors.ts'
import { parseCount, parseDurationS, parseRatePerS } from '../../core/quantities.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { faultIds } from '../../experiments/faults/faults.ts'
import { observe } from '../../experiments/observation/live.ts'
import {
  DEFAULT_FAULT_AFTER_S,
  DEFAULT_PORT,
  type ObservationRequest,
  prepareObservation,
} from '../../experiments/observation/prepare.ts'
import { isRecordedRun, observeRecorded } from '../../experiments/observation/recorded.ts'
import type { Command, Invocation } from '../command.ts'
import { narrate } from '../narration.ts'
import { OptionReader } from '../options.ts'
import { OWN_APP_OPTIONS, readOwnApp } from '../own-app.ts'

/** `forkwise observe`: a real Prometheus over a running model, or over a run that is over. */
export const command: Command = {
  name: 'observe',
  summary: 'Watch a model with a real Prometheus, or load a recorded run into one.',
  positionals: 'MODEL|RESULTS',
  arity: [1, 1],
  description:
    'With the name of a model: runs it as `serve` does, with a private Prometheus that reads every unit once a second and evaluates the alerts; a workload and faults on request. With the folder of a run: loads its recorded metrics into a private Prometheus. Either prints the address and lasts until Ctrl-C. The dashboards are in dashboards/dist/grafana, a compose file for Grafana in dashboards/compose, and what to do about each alert in docs/RUNBOOK.md.',
  options: [
    { name: 'workers', type: 'string', value: 'n', help: 'Workers. Default: one per core.' },
    {
      name: 'port',
      type: 'string',
      value: 'p',
      help: `Port of the server; 0 for any free one. Default: ${DEFAULT_PORT}.`,
    },
    ...OWN_APP_OPTIONS,
    { name: 'node', type: 'string', value: 'path', help: 'Run the server on this Node.' },
    { name: 'python', type: 'string', value: 'path', help: 'Run a server in Python on this interpreter.' },
    { name: 'workload', type: 'string', value: 'id', help: 'Drive this workload all the time; see `list workloads`.' },
    {
      name: 'rate',
      type: 'string',
      value: 'r',
      help: 'Drive it as an open loop at this rate, e.g. 200/s. Default: a closed loop.',
    },
    {
      name: 'fault',
      type: 'string',
      value: 'name[@t]',
      multiple: true,
      help: `Inject a fault so long after the start (default ${DEFAULT_FAULT_AFTER_S}s): ${faultIds().join(', ')}.`,
    },
    { name: 'duration', type: 'string', value: 't', help: 'End by itself after this time.' },
    { name: 'prometheus-port', type: 'string', value: 'p', help: 'Port of Prometheus. Default: any free one.' },
    {
      name: 'targets',
      type: 'string',
      value: 'dir',
      help: 'Start no Prometheus, but name the units to your own in this folder (file_sd).',
    },
  ],
  examples: [
    { line: 'forkwise observe cluster --workload mixed', meaning: 'A model under load, with every alert at work.' },
    {
      line: 'forkwise observe cluster --workload io --rate 100 --fault kill@10s --fault block-loop@20s',
      meaning: 'See what a fault looks like.',
    },
    { line: 'forkwise observe results/2026-11-20-101500-compare', meaning: 'Ask a run that is over.' },
  ],
  json: true,
  async run(invocation) {
    const place = invocation.positionals[0] ?? ''
    return isRecordedRun(place) ? watchRecorded(resolve(place), invocation) : watchLive(place, invocation)
  },
}

async function watchLive(model: string, { values, signal, terminal, json }: Invocation): Promise<ExitCode> {
  const problems = new ProblemList()
  const options = new OptionReader(values, problems)
  options.atMostOne(['targets', 'prometheus-port'])
  const targetsDir = options.text('targets')
  const request: ObservationRequest = {
    model,
    workers: options.read('workers', (text, option) => parseCount(text, option, 1, 128), undefined),
    port: options.read('port', readPort, undefined),
    app: readOwnApp(options, problems),
    nodePath: options.text('node'),
    pythonPath: options.text('python'),
    workload: options.text('workload'),
    ratePerS: options.read('rate', parseRatePerS, undefined),
    faults: options.texts('fault').map((text) => readFault(text, problems)),
    durationS: options.read('duration', parseDurationS, undefined),
    reader: targetsDir === undefined ? { prometheusPort: prometheusPort(options) } : { targetsDir },
  }
  const prepared = await prepareObservation(request, problems)
  const onEvent = (event: ExperimentEvent): void => {
    if (event.type !== 'server-ready') return
    const { targets, prometheus, alerts } = event
    if (json) {
      terminal.result(JSON.stringify({ schema: 'forkwise/observe@1', model, targets, prometheus, alerts }))
      return
    }
    terminal.result(`ready ${targets.join(' ')}`)
    terminal.note(
      prometheus === null
        ? `  its units are named in ${targetsDir ?? ''}`
        : `  Prometheus ${prometheus} (alerts: ${alerts ?? ''})`,
    )
  }
  await narrate(observe(prepared, signal), terminal, { onEvent })
  return EXIT.ok
}

async function watchRecorded(dir: string, { values, signal, terminal, json }: Invocation): Promise<ExitCode> {
  const problems = new ProblemList()
  const port = prometheusPort(new OptionReader(values, problems))
  problems.throwIfAny('USAGE')
  const onEvent = (event: ExperimentEvent): void => {
    if (event.type === 'series-loaded') terminal.result(json ? recordedJson(event) : recordedText(event))
  }
  await narrate(observeRecorded(dir, port, signal), terminal, { onEvent })
  return EXIT.ok
}

function readPort(text: string, option: string): number {
  return parseCount(text, option, 0, 65_535)
}

function prometheusPort(options: OptionReader): number {
  return options.read('prometheus-port', readPort, 0)
}

function readFault(text: string, problems: ProblemList): NonNullable<ObservationRequest['faults']>[number] {
  const [fault = '', after] = text.split('@')
  if (after === undefined) return { fault }
  try {
    return { fault, afterS: parseDurationS(after, '--fault') }
  } catch (thrown) {
    problems.add(messageOf(thrown), `Write it like --fault ${fault}@20s.`)
    return { fault }
  }
}

type SeriesLoaded = Extract<ExperimentEvent, { readonly type: 'series-loaded' }>

function recordedJson({ prometheus, fromMs, toMs, samples }: SeriesLoaded): string {
  return JSON.stringify({ schema: 'forkwise/observe@1', prometheus, fromMs, toMs, samples })
}

function recordedText({ prometheus, fromMs, toMs, samples }: SeriesLoaded): string {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
  return [
    `ready ${prometheus}`,
    `  ${samples.toLocaleString('en-US')} readings from ${from} to ${to}`,
    `  requests of each trial: ${graphLink(prometheus, 'sum by (model, trial) (last_over_time(http_server_request_duration_seconds_count[1h]))', toMs)}`,
    `  Grafana, with Docker: cd dashboards/compose && FORKWISE_PROMETHEUS=${prometheus} docker compose up grafana`,
    '  then http://127.0.0.1:3001 with the time range above. Ctrl-C ends it.',
  ].join('\n')
}

function graphLink(prometheus: string, expr: string, atMs: number): string {
  const link = new URL('/graph', prometheus)
  link.searchParams.set('g0.expr', expr)
  link.searchParams.set('g0.tab', '1')
  link.searchParams.set('g0.moment_input', new Date(atMs).toISOString().slice(0, 19).replace('T', ' '))
  return link.href
}
