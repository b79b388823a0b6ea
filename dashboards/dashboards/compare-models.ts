import type { DashboardSpec } from '../frame.ts'
import { BAD, OKABE_ITO } from '../look.ts'
import { stateTimeline, table, timeSeries } from '../panels.ts'
import { countInRange, metric, quantile, rate, riseInRange } from '../queries.ts'

const NOT_THREADS = 'role!~"thread|dependency"'
const BY_MODEL = 'sum by (model)'

/** All models of a run side by side. */
export const COMPARE_MODELS: DashboardSpec = {
  id: 'compare-models',
  title: 'Compare models',
  description:
    'Which model does more, costs less, fails less? What is seen here explains a verdict; the verdict itself is the report’s, which knows how sure it is.',
  rows: [
    {
      title: 'Over the time shown',
      panels: [
        table({
          title: 'Models',
          description:
            'Totals and means over the time shown. Choose one workload above: figures of different workloads do not belong in one row. Quantiles are as exact as the histogram’s buckets (a true 20 ms may read 24); the report’s come from the client and are exact. Requests are counted exactly; CPU of trials of a few seconds is not, since Prometheus guesses at both ends.',
          width: 24,
          by: ['model'],
          columns: [
            { title: 'Requests', expr: `${BY_MODEL} (${countInRange('requestDuration', '_count')})`, unit: 'short' },
            {
              title: 'Errors',
              expr: `${BY_MODEL} (${countInRange('requestDuration', '_count', 'http_response_status_code=~"5.."')}) / ${BY_MODEL} (${countInRange('requestDuration', '_count')}) or 0 * ${BY_MODEL} (${countInRange('requestDuration', '_count')})`,
              unit: 'percentunit',
            },
            {
              title: 'p50',
              expr: `histogram_quantile(0.5, sum by (le, model) (${countInRange('requestDuration', '_bucket')}))`,
              unit: 's',
            },
            {
              title: 'p99',
              expr: `histogram_quantile(0.99, sum by (le, model) (${countInRange('requestDuration', '_bucket')}))`,
              unit: 's',
            },
            {
              title: 'CPU per request',
              expr: `${BY_MODEL} (${riseInRange('processCpu', '', NOT_THREADS)}) / ${BY_MODEL} (${countInRange('requestDuration', '_count')})`,
              unit: 's',
            },
            {
              title: 'Most memory',
              expr: `max_over_time(${BY_MODEL} (${metric('residentMemory', '', NOT_THREADS)})[$__range:])`,
              unit: 'bytes',
            },
          ],
        }),
      ],
    },
    {
      title: 'Traffic',
      panels: [
        timeSeries({
          title: 'Requests per second',
          description:
            'Answers per second of each model, as its workers count them. Models run one after the other, so their curves stand side by side, not on top of each other. Rates are means over four seconds: each trial rises and falls by that much.',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `${BY_MODEL} (${rate('requestDuration', '_count')})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'Error ratio',
          description:
            'Share of answers with a 5xx status. Anything above zero wants a reason: an error is often cheaper than the work it replaces, so a failing server can look fast.',
          unit: 'percentunit',
          width: 12,
          queries: [
            {
              expr: `(${BY_MODEL} (${rate('requestDuration', '_count', 'http_response_status_code=~"5.."')}) or 0 * ${BY_MODEL} (${rate('requestDuration', '_count')})) / (${BY_MODEL} (${rate('requestDuration', '_count')}) > 0)`,
              legend: '{{model}}',
            },
          ],
        }),
        timeSeries({
          title: 'Median latency',
          description:
            'Half of the answers took less. Compare it only in the phase `latency`, where every model is offered the same rate; in `saturation` it says how many connections wait, no more.',
          unit: 's',
          width: 12,
          queries: [{ expr: quantile(0.5, 'requestDuration', ['model']), legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'p99 latency',
          description:
            'One answer in a hundred took longer. By the server’s clock: what waits before the server reads the request is not in it; “One model” shows the client’s p99 beside it.',
          unit: 's',
          width: 12,
          queries: [{ expr: quantile(0.99, 'requestDuration', ['model']), legend: '{{model}}' }],
        }),
      ],
    },
    {
      title: 'Cost',
      panels: [
        timeSeries({
          title: 'CPU per request',
          description:
            'CPU time of all processes of a server (primary, proxies, brokers and daemons included) for each answer. The steadiest figure there is, and the base of capacity: lower is cheaper.',
          unit: 's',
          width: 8,
          queries: [
            {
              expr: `${BY_MODEL} (${rate('processCpu', '', NOT_THREADS)}) / (${BY_MODEL} (${rate('requestDuration', '_count')}) > 0)`,
              legend: '{{model}}',
            },
          ],
        }),
        timeSeries({
          title: 'CPU',
          description:
            'Cores in use by all processes of a server. A model that stays below the number of cores at saturation has a bottleneck of its own: one busy worker, a primary, a lock.',
          unit: 'none',
          width: 8,
          queries: [{ expr: `${BY_MODEL} (${rate('processCpu', '', NOT_THREADS)})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'Resident memory',
          description:
            'Memory of all processes of a server, summed. Pages that processes share are counted once for each, so many small processes look larger than they are.',
          unit: 'bytes',
          width: 8,
          queries: [{ expr: `${BY_MODEL} (${metric('residentMemory', '', NOT_THREADS)})`, legend: '{{model}}' }],
        }),
      ],
    },
    {
      title: 'Run',
      panels: [
        stateTimeline({
          title: 'Phases',
          description:
            'What the run was doing: warm-up is not counted, `saturation` measures throughput and CPU, `latency` measures latency at a rate common to all models.',
          unit: 'none',
          width: 24,
          height: 6,
          queries: [{ expr: `count by (phase) (${metric('loadPhase')})`, legend: '{{phase}}' }],
          states: [
            { value: 1, text: 'under way', colour: OKABE_ITO.blue },
            { value: 2, text: 'twice at once', colour: BAD },
          ],
        }),
      ],
    },
  ],
}
