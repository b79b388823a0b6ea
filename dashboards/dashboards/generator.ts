import type { DashboardSpec } from '../frame.ts'
import { BAD, colourOverrides, GOOD, OKABE_ITO, WARN } from '../look.ts'
import { table, timeSeries } from '../panels.ts'
import { metric, quantile, rate, selector } from '../queries.ts'

const OWN_ROUTES = 'http_route!~"/healthz|/readyz|/metrics"'

/** Can the figures be trusted? */
export const GENERATOR: DashboardSpec = {
  id: 'generator',
  title: 'Generator and data quality',
  description: 'Did the generator send what it was set to, and do client, server and store agree?',
  rows: [
    {
      title: 'Generator',
      panels: [
        timeSeries({
          title: 'Asked for and answered',
          description:
            'The rate that the open loop was set to send, and what came back. Apart: the server or the generator does not keep up. A closed loop asks for nothing, it takes what it gets.',
          unit: 'reqps',
          width: 12,
          queries: [
            { expr: `sum by (model) (${metric('offeredRate')})`, legend: '{{model}} asked for' },
            { expr: `sum by (model) (${rate('loadRequests', '', 'outcome="ok"')})`, legend: '{{model}} answered' },
          ],
        }),
        timeSeries({
          title: 'Outcomes',
          description:
            'What became of the requests, as the client sees it. Timeouts and connection errors never reach the server’s own figures.',
          unit: 'reqps',
          width: 12,
          stacked: true,
          queries: [{ expr: `sum by (outcome) (${rate('loadRequests')})`, legend: '{{outcome}}' }],
          overrides: colourOverrides({
            ok: GOOD,
            non2xx: WARN,
            timeout: BAD,
            'connection-error': OKABE_ITO.purple,
          }),
        }),
        timeSeries({
          title: 'How busy the generator is',
          description:
            'Share of each second in which its event loop was not idle. Above 0.9 the generator is measured, not the server (LoadGeneratorSaturated). An open loop spins before each send and is busier than it needs to be.',
          unit: 'percentunit',
          width: 12,
          max: 1,
          queries: [{ expr: `max by (model) (${metric('loadCpu')})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'Lateness',
          description:
            'How late requests were sent, 99th percentile of each second. It belongs to the latency, which runs from the instant a request should have been sent; above 2 ms the machine or the generator is too busy.',
          unit: 's',
          width: 12,
          queries: [{ expr: `max by (model) (${metric('loadLateness')})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'Latency that clients see',
          description:
            'Median and p99, from the intended instant in an open loop. As exact as the buckets; the report’s is exact.',
          unit: 's',
          width: 24,
          queries: [
            { expr: quantile(0.5, 'loadDuration', ['model']), legend: '{{model}} p50' },
            { expr: quantile(0.99, 'loadDuration', ['model']), legend: '{{model}} p99' },
          ],
        }),
      ],
    },
    {
      title: 'Agreement',
      panels: [
        table({
          title: 'Requests counted',
          description:
            'By the client and by the servers, as stored, without guessing what lay between readings. They agree within 1 % in a sound run; fewer on the server’s side means that a unit was not read to the end, more that somebody else sends requests.',
          width: 12,
          by: ['model', 'trial'],
          columns: [
            {
              title: 'Client',
              expr: `sum by (model, trial) (last_over_time(${metric('loadDuration', '_count')}[$__range]))`,
              unit: 'short',
            },
            {
              title: 'Servers',
              expr: `sum by (model, trial) (last_over_time(${metric('requestDuration', '_count', OWN_ROUTES)}[$__range]))`,
              unit: 'short',
            },
          ],
        }),
        timeSeries({
          title: 'Readings that failed',
          description:
            'Units that did not answer a reading of their metrics. Metrics come from a thread of their own, so a blocked event loop is not the reason: the process is gone or starved.',
          unit: 'none',
          width: 6,
          queries: [
            {
              expr: `count by (model) (${selector('up')} == 0) or 0 * count by (model) (${selector('up')})`,
              legend: '{{model}}',
            },
          ],
        }),
        timeSeries({
          title: 'Time of a reading',
          description: 'The slowest unit’s. Some milliseconds are normal; the limit is 0.9 s.',
          unit: 's',
          width: 6,
          queries: [{ expr: `max by (model) (${selector('scrape_duration_seconds')})`, legend: '{{model}}' }],
        }),
      ],
    },
  ],
}
