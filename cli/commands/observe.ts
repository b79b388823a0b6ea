import { resolve } from 'node:path'
import { EXIT, type ExitCode, ProblemList } from '../../core/errors.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { observe } from '../../experiments/observation/live.ts'
import { prepareObservation, readObservation } from '../../experiments/observation/prepare.ts'
import { isRecordedRun, observeRecorded } from '../../experiments/observation/recorded.ts'
import { OBSERVE } from '../../experiments/options/sets/live.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import type { Command, Invocation } from '../command.ts'
import { CONFIG_OPTION, giveOptions } from '../config/given-options.ts'
import { narrate } from '../narration.ts'
import { lineOptions, wordsToOptions } from '../option-words.ts'

/** `forkwise observe`: a real Prometheus over a running model, or over a run that is over. */
export const command: Command = {
  name: 'observe',
  summary: 'Watch a model with a real Prometheus, or load a recorded run into one.',
  positionals: 'MODEL|RESULTS',
  arity: [0, 1],
  description:
    'With the name of a model: runs it as `serve` does, with a private Prometheus that reads every unit once a second and evaluates the alerts; a workload and faults on request. With the folder of a run: loads its recorded metrics into a private Prometheus. Both print the address, and that of a page with a link into its graph page for every panel of the dashboards, and run until Ctrl-C. The dashboards are in dashboards/dist/grafana, a compose file for Grafana in dashboards/compose, and what to do about each alert in docs/RUNBOOK.md.',
  options: [...lineOptions(OBSERVE), CONFIG_OPTION],
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
    return isRecordedRun(place) ? watchRecorded(resolve(place), invocation) : watchLive(invocation)
  },
}

async function watchLive(invocation: Invocation): Promise<ExitCode> {
  const { signal, terminal, json } = invocation
  const { given, problems } = await giveOptions('observe', OBSERVE, invocation)
  const request = await readObservation(given, problems)
  problems.throwIfAny('USAGE')
  const prepared = await prepareObservation(request)
  const { reader, model } = prepared
  const onEvent = (event: ExperimentEvent): void => {
    if (event.type !== 'server-ready') return
    const { targets, prometheus, alerts, panels } = event
    if (json) {
      terminal.result(
        JSON.stringify({ schema: 'forkwise/observe@1', model: model.id, targets, prometheus, alerts, panels }),
      )
      return
    }
    terminal.result(`ready ${targets.join(' ')}`)
    terminal.note(
      prometheus === null
        ? `  its units are named in ${reader !== null && 'targetsDir' in reader ? reader.targetsDir : ''}`
        : `  Prometheus ${prometheus} (alerts: ${alerts ?? ''})`,
    )
    if (panels !== null) terminal.note(`  every panel as a link into it, without Grafana: ${panels}`)
  }
  await narrate(observe(prepared, signal), terminal, { onEvent })
  return EXIT.ok
}

async function watchRecorded(dir: string, invocation: Invocation): Promise<ExitCode> {
  const { signal, terminal, json } = invocation
  const problems = new ProblemList()
  const set = { prometheusPort: OBSERVE.prometheusPort }
  const { prometheusPort = 0 } = readSettings(set, wordsToOptions(set, invocation, problems), problems)
  problems.throwIfAny('USAGE')
  const onEvent = (event: ExperimentEvent): void => {
    if (event.type === 'series-loaded') terminal.result(json ? recordedJson(event) : recordedText(event))
  }
  await narrate(observeRecorded(dir, prometheusPort, signal), terminal, { onEvent })
  return EXIT.ok
}

type SeriesLoaded = Extract<ExperimentEvent, { readonly type: 'series-loaded' }>

function recordedJson({ prometheus, panels, fromMs, toMs, samples }: SeriesLoaded): string {
  return JSON.stringify({ schema: 'forkwise/observe@1', prometheus, panels, fromMs, toMs, samples })
}

function recordedText({ prometheus, panels, fromMs, toMs, samples }: SeriesLoaded): string {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
  return [
    `ready ${prometheus}`,
    `  ${samples.toLocaleString('en-US')} readings from ${from} to ${to}`,
    `  every panel as a link into it, without Grafana: ${panels}`,
    `  Grafana, with Docker: cd dashboards/compose && FORKWISE_PROMETHEUS=${prometheus} docker compose up grafana`,
    '  then http://127.0.0.1:3001 with the time range above. Ctrl-C ends it.',
  ].join('\n')
}
