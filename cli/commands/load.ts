import { resolvedQuantiles } from '../../core/resolved-quantiles.ts'
import { EXIT, ForkwiseError } from '../../core/errors.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord, WorkloadRequest } from '../../core/load.ts'
import { runLoad } from '../../experiments/load/load.ts'
import { readLoad } from '../../experiments/load/read-load.ts'
import { LOAD } from '../../experiments/options/sets/load.ts'
import { doubtsOf } from '../../loadtest/doubts.ts'
import { loadText } from '../../report/load-text.ts'
import type { TextStyle } from '../../report/text.ts'
import { requireWritable, writeOutput } from '../../store/output-file.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION, giveOptions } from '../config/given-options.ts'
import { LIVE_OPTIONS, narrateLive } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'

/** `forkwise load`: the generator alone. */
export const command: Command = {
  name: 'load',
  summary: 'Load one URL, with connections that wait or at a rate that does not, and measure it right.',
  positionals: 'URL',
  arity: [0, 1],
  description:
    'With --connections (closed loop), each connection sends its next request when it has its answer: shows what the ' +
    'server can do at most. With --rate (open loop), requests start at instants fixed beforehand whatever the server ' +
    'does, and latency counts from those instants: shows what users experience at that rate. Timeouts count at their timeout, ' +
    'other failures are kept apart, and every request is accounted for. One more request is sent first, to see that the ' +
    'target answers. Redirects are not followed; certificates are checked.',
  options: [
    ...lineOptions(LOAD),
    {
      name: 'hdr',
      type: 'string',
      value: 'file',
      help: 'Write the latencies as an HdrHistogram log (.hlog, V2, µs) or percentile text (any other name, ms).',
    },
    ...LIVE_OPTIONS,
    CONFIG_OPTION,
  ],
  examples: [
    { line: 'forkwise load http://127.0.0.1:3000/ --connections 50', meaning: 'How much can it do?' },
    { line: 'forkwise load http://127.0.0.1:3000/ --rate 900 -d 30s', meaning: 'What do users meet at 900/s?' },
    {
      line: `forkwise load http://127.0.0.1:3000/orders --rate 20 -H 'content-type: application/json' --body '{"n":1}' --expect 201`,
      meaning: 'Orders, twenty a second.',
    },
    {
      line: 'forkwise load http://10.0.0.1:3000/ --rate 900 --agents 10.0.0.2 --identity lab/controller.pem',
      meaning: 'Sent by another machine, on which `forkwise agent` runs.',
    },
  ],
  json: true,
  async run(invocation) {
    const { json, signal, terminal } = invocation
    const { given, problems } = await giveOptions('load', LOAD, invocation)
    const prepared = readLoad(given, problems)
    problems.throwIfAny('USAGE')
    const { url, request } = prepared
    const { hdr } = invocation.values
    if (typeof hdr === 'string') requireWritable(hdr, '--hdr')
    const record = await narrateLive(() => runLoad(prepared, signal), invocation)
    const failure = record.ok > 0 || signal.aborted ? null : nothingAnswered(record, request)
    const summary = {
      ...record,
      latencyMs: resolvedQuantiles(record.latencyMs),
      serviceTimeMs: resolvedQuantiles(record.serviceTimeMs),
    }
    const document = failure === null ? summary : { ...summary, problems: [failure] }
    const style: TextStyle = (kind, text) => terminal.style(kind, text)
    terminal.result(json ? JSON.stringify(document) : loadText(url.href, record, doubtsOf(record), style))
    if (typeof hdr === 'string') {
      writeOutput(hdr, hdr.endsWith('.hlog') ? hdrLog(record) : percentiles(record), '--hdr')
      terminal.note(`latencies written to ${hdr}`)
    }
    if (signal.aborted) return EXIT.interrupted
    if (failure === null) return EXIT.ok
    const error = new ForkwiseError('TRIAL_FAILED', failure)
    if (!json) throw error
    // The one document on stdout is the record, which has the problem in it.
    terminal.note(`forkwise: ${error.message}`)
    return error.exitCode
  },
}

function nothingAnswered(record: LoadRecord, request: WorkloadRequest): { message: string; hint: string } {
  const [worst] = record.errorSamples
  const statuses = record.errorSamples.filter(({ message }) => message.startsWith('status '))
  return {
    message: `No request was answered as expected (status ${request.expectStatus})${worst === undefined ? '' : `; most often: ${worst.message}`}.`,
    hint:
      statuses.length > 0
        ? 'If that status is right, say so with `--expect`.'
        : 'Is the timeout long enough, and is it the right address?',
  }
}

function percentiles(record: LoadRecord): string {
  return LatencyHistogram.fromBase64(record.histogram).percentileTextMs()
}

function hdrLog(record: LoadRecord): string {
  const endS = Date.now() / 1000
  const startS = endS - record.countedS
  return [
    '#[Forkwise latencies: values in microseconds, Interval_Max in milliseconds]',
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${startS.toFixed(3)} (seconds since epoch), ${new Date(startS * 1000).toISOString()}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    `0.000,${record.countedS.toFixed(3)},${(record.latencyMs.max ?? 0).toFixed(3)},${record.histogram}`,
    '',
  ].join('\n')
}
