import type { DashboardSpec } from '../frame.ts'
import { BAD, colourOverrides, GOOD, OKABE_ITO, WARN } from '../look.ts'
import { heatmap, stat, timeSeries } from '../panels.ts'
import { metric, quantile, rate, selector } from '../queries.ts'

const NOT_THREADS = 'role!~"thread|dependency"'
const REQUESTS = rate('requestDuration', '_count')

/** Everything about the traffic of one model. */
export const ONE_MODEL: DashboardSpec = {
  id: 'one-model',
  title: 'One model',
  description: 'How does this model treat its clients, and where does the time go?',
  oneModel: true,
  rows: [
    {
      title: 'Now',
      panels: [
        stat({
          title: 'Requests per second',
          description: 'Answers per second over the last four seconds.',
          unit: 'reqps',
          width: 4,
          queries: [{ expr: `sum(${REQUESTS})`, legend: 'requests' }],
        }),
        stat({
          title: 'Error ratio',
          description: 'Share of 5xx answers. Orange from one in a thousand, red from one in a hundred.',
          unit: 'percentunit',
          width: 4,
          steps: [
            [null, GOOD],
            [0.001, WARN],
            [0.01, BAD],
          ],
          queries: [
            {
              expr: `(sum(${rate('requestDuration', '_count', 'http_response_status_code=~"5.."')}) or vector(0)) / sum(${REQUESTS})`,
              legend: 'errors',
            },
          ],
        }),
        stat({
          title: 'p99 latency',
          description:
            'By the server’s clock, as exact as the histogram’s buckets. Orange from 100 ms, red from 250 ms.',
          unit: 's',
          width: 4,
          steps: [
            [null, GOOD],
            [0.1, WARN],
            [0.25, BAD],
          ],
          queries: [{ expr: quantile(0.99, 'requestDuration', []), legend: 'p99' }],
        }),
        stat({
          title: 'CPU per request',
          description: 'CPU time of all its processes for each answer.',
          unit: 's',
          width: 4,
          queries: [{ expr: `sum(${rate('processCpu', '', NOT_THREADS)}) / sum(${REQUESTS})`, legend: 'CPU' }],
        }),
        stat({
          title: 'Units that answer',
          description: 'Processes and threads whose metrics could be read at the last try.',
          unit: 'none',
          width: 4,
          queries: [{ expr: `sum(${selector('up')})`, legend: 'units' }],
        }),
        stat({
          title: 'Resident memory',
          description: 'All its processes, summed.',
          unit: 'bytes',
          width: 4,
          queries: [{ expr: `sum(${metric('residentMemory', '', NOT_THREADS)})`, legend: 'memory' }],
        }),
      ],
    },
    {
      title: 'Latency',
      panels: [
        heatmap({
          title: 'Distribution of latency',
          description:
            'Each column is a moment, each cell the rate of answers that took so long; dark is many. Two bands mean two kinds of requests, or requests that met a blocked loop; a band that climbs is a queue that grows.',
          unit: 's',
          width: 12,
          queries: [{ expr: `sum by (le) (${rate('requestDuration', '_bucket')})`, legend: '{{le}}' }],
        }),
        timeSeries({
          title: 'Latency percentiles',
          description:
            'Half, nine in ten, and ninety-nine in a hundred answers took less. A p99 far from the p50 is a tail: look for blocks, garbage collection and unequal workers.',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.5, 'requestDuration', []), legend: 'p50' },
            { expr: quantile(0.9, 'requestDuration', []), legend: 'p90' },
            { expr: quantile(0.99, 'requestDuration', []), legend: 'p99' },
          ],
          overrides: colourOverrides({ p50: OKABE_ITO.skyBlue, p90: OKABE_ITO.blue, p99: OKABE_ITO.vermillion }),
        }),
        timeSeries({
          title: 'Client − server p99',
          description:
            'What the client waited beyond what the server’s clock shows. Near zero is well. More means that requests wait before the server reads them: in the accept queue, in a proxy, behind a blocked event loop. Both come from buckets, so a difference within a bucket’s width means nothing.',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.99, 'loadDuration', []), legend: 'client' },
            { expr: quantile(0.99, 'requestDuration', []), legend: 'server' },
            {
              expr: `${quantile(0.99, 'loadDuration', [])} - ${quantile(0.99, 'requestDuration', [])}`,
              legend: 'client − server',
            },
          ],
          overrides: colourOverrides({
            client: OKABE_ITO.orange,
            server: OKABE_ITO.blue,
            'client − server': OKABE_ITO.vermillion,
          }),
        }),
        timeSeries({
          title: 'p99 by route',
          description: 'Which route has the tail. A cheap route that is slow waits behind an expensive one.',
          unit: 's',
          width: 12,
          queries: [{ expr: quantile(0.99, 'requestDuration', ['http_route']), legend: '{{http_route}}' }],
        }),
      ],
    },
    {
      title: 'Traffic',
      panels: [
        timeSeries({
          title: 'Answers by status',
          description:
            'Stacked: the height is the whole rate. 503 is load shed on purpose, 500 a fault of the app, 502 and 504 come from a proxy.',
          unit: 'reqps',
          width: 12,
          stacked: true,
          queries: [
            {
              expr: `sum by (http_response_status_code) (${REQUESTS})`,
              legend: '{{http_response_status_code}}',
            },
          ],
          overrides: colourOverrides({ '2..': GOOD, '4..': WARN, '5..': BAD }),
        }),
        timeSeries({
          title: 'Answers by route',
          description: 'Stacked: the mix that clients ask for, as it is answered.',
          unit: 'reqps',
          width: 12,
          stacked: true,
          queries: [{ expr: `sum by (http_route) (${REQUESTS})`, legend: '{{http_route}}' }],
        }),
        timeSeries({
          title: 'Requests in progress and connections',
          description:
            'Requests begun and not yet answered, and connections open; a proxy has its clients’, the workers behind it those from the proxy. In a closed loop in progress cannot exceed the connections; in an open loop a rise means that the server does not keep up.',
          unit: 'none',
          width: 8,
          queries: [
            { expr: `sum(${metric('activeRequests', '', 'role="worker"')})`, legend: 'in progress' },
            { expr: `sum by (role) (${metric('openConnections')})`, legend: 'connections of {{role}}' },
          ],
        }),
        timeSeries({
          title: 'New connections and aborted requests',
          description:
            'Connections accepted per second: near zero with keep-alive, as high as the request rate without. Aborted: the client left before its answer was complete, by a timeout or on purpose.',
          unit: 'cps',
          width: 8,
          queries: [
            { expr: `sum(${rate('connections')})`, legend: 'new connections' },
            { expr: `sum(${rate('abortedRequests')})`, legend: 'aborted requests' },
          ],
        }),
        timeSeries({
          title: 'CPU by unit',
          description:
            'Stacked cores of each process. A primary or proxy that takes a share like a worker’s is a cost of the model, and may be its limit.',
          unit: 'none',
          width: 8,
          stacked: true,
          queries: [{ expr: `sum by (worker) (${rate('processCpu', '', NOT_THREADS)})`, legend: '{{worker}}' }],
        }),
      ],
    },
  ],
}
