import { untilAborted } from '../../core/abort.ts'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openSession } from '../../cluster/session.ts'
import { EXIT, ForkwiseError, ProblemList, type ExitCode } from '../../core/errors.ts'
import { loadRecordedSeries, RECORDED_LOOKBACK_S, type RecordedSpan } from '../../loadtest/observation/recorded-run.ts'
import { startPrometheus } from '../../loadtest/observation/prometheus.ts'
import { faultIds } from '../../experiments/faults/faults.ts'
import type { Command, Invocation } from '../command.ts'
import { noteReaped } from '../leftovers.ts'
import { observeModel, readLiveOptions, readPrometheusPort } from '../live-observation.ts'
import { OWN_APP_OPTIONS } from '../own-app.ts'
import { OptionReader } from '../options.ts'

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
    { name: 'port', type: 'string', value: 'p', help: 'Port of the server; 0 for any free one. Default: 3000.' },
    ...OWN_APP_OPTIONS,
    { name: 'node', type: 'string', value: 'path', help: 'Run the server on this Node.' },
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
      help: `Inject a fault so long after the start (default 10s): ${faultIds().join(', ')}.`,
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
    return isRecorded(place) ? observeRecorded(resolve(place), invocation) : observeLive(place, invocation)
  },
}

async function observeLive(modelId: string, invocation: Invocation): Promise<ExitCode> {
  const problems = new ProblemList()
  const options = await readLiveOptions(modelId, invocation, problems)
  problems.throwIfAny('USAGE')
  return observeModel(options, invocation)
}

async function observeRecorded(dir: string, { values, signal, terminal, json }: Invocation): Promise<ExitCode> {
  const problems = new ProblemList()
  const port = readPrometheusPort(new OptionReader(values, problems))
  problems.throwIfAny('USAGE')
  const session = await openSession()
  try {
    noteReaped(session.reaped, terminal)
    const launch = session.createLaunch('prometheus')
    const folder = join(launch.dir, 'prometheus')
    const series = isFolder(join(dir, 'series')) ? join(dir, 'series') : dir
    const span = await loadRecordedSeries(series, join(folder, 'data'))
    const prometheus = await startPrometheus({
      dir: folder,
      launch,
      rules: null,
      port,
      signal,
      lookbackS: RECORDED_LOOKBACK_S,
    })
    terminal.result(json ? recordedJson(prometheus.url, span) : recordedText(prometheus.url, span))
    const reason = await Promise.race([prometheus.ended.then((end) => end.reason), untilAborted(signal)])
    await prometheus.stop()
    if (reason !== null) throw new ForkwiseError('START_FAILED', { message: reason })
    return EXIT.ok
  } finally {
    await session.close()
  }
}

function recordedJson(url: URL, { fromMs, toMs, samples }: RecordedSpan): string {
  return JSON.stringify({ schema: 'forkwise/observe@1', prometheus: url.origin, fromMs, toMs, samples })
}

function recordedText(url: URL, { fromMs, toMs, samples }: RecordedSpan): string {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
  return [
    `ready ${url.origin}`,
    `  ${samples.toLocaleString('en-US')} readings from ${from} to ${to}`,
    `  requests of each trial: ${graphLink(url, 'sum by (model, trial) (last_over_time(http_server_request_duration_seconds_count[1h]))', toMs)}`,
    `  Grafana, with Docker: cd dashboards/compose && FORKWISE_PROMETHEUS=${url.origin} docker compose up grafana`,
    '  then http://127.0.0.1:3001 with the time range above. Ctrl-C ends it.',
  ].join('\n')
}

function graphLink(url: URL, expr: string, atMs: number): string {
  const link = new URL('/graph', url)
  link.searchParams.set('g0.expr', expr)
  link.searchParams.set('g0.tab', '1')
  link.searchParams.set('g0.moment_input', new Date(atMs).toISOString().slice(0, 19).replace('T', ' '))
  return link.href
}

/** True for a path, or the name of a folder that holds a run: a folder may have the name of a model. */
function isRecorded(place: string): boolean {
  if (/[./\\]/.test(place)) return true
  return isFolder(place) && (existsSync(join(place, 'manifest.json')) || isFolder(join(place, 'series')))
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
