import type { DashboardSpec } from '../frame.ts'
import { BAD, GOOD, OKABE_ITO, WARN } from '../look.ts'
import { stateTimeline, timeSeries } from '../panels.ts'
import { metric, quantile, rate } from '../queries.ts'

const BY_MODEL = 'sum by (model)'

/** Cause a fault and watch what it does. */
export const LAB_CONSOLE: DashboardSpec = {
  id: 'lab-console',
  title: 'Lab console',
  description:
    'What does it look like when a loop blocks, a worker dies, a reload goes wrong? docs/RUNBOOK.md says what to do.',
  rows: [
    {
      title: 'Alerts and faults',
      panels: [
        stateTimeline({
          title: 'Alerts',
          description:
            'Each row is an alert: orange while its condition has not lasted long enough, red while it fires. What each means and what to do is in docs/RUNBOOK.md.',
          unit: 'none',
          width: 12,
          queries: [
            {
              expr: 'max by (alertname, model, worker) (ALERTS{run_id=~"$run_id",model=~"$model",alertstate="firing"} * 2 or ALERTS{run_id=~"$run_id",model=~"$model",alertstate="pending"})',
              legend: '{{alertname}} {{model}} {{worker}}',
            },
          ],
          states: [
            { value: 1, text: 'pending', colour: WARN },
            { value: 2, text: 'firing', colour: BAD },
          ],
        }),
        stateTimeline({
          title: 'Faults',
          description:
            'What is being broken on purpose, and when. Compare the start of a bar with the first sign below.',
          unit: 'none',
          width: 12,
          queries: [{ expr: `max by (model, fault) (${metric('faultActive')})`, legend: '{{model}} {{fault}}' }],
          states: [
            { value: 0, text: 'over', colour: GOOD },
            { value: 1, text: 'active', colour: BAD },
          ],
        }),
      ],
    },
    {
      title: 'What clients feel',
      panels: [
        timeSeries({
          title: 'Requests per second',
          description: 'A dip is work that was not done; an open loop’s dip is followed by a peak of what had waited.',
          unit: 'reqps',
          width: 8,
          queries: [{ expr: `${BY_MODEL} (${rate('requestDuration', '_count')})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'Failures that clients see',
          description: 'Errors, timeouts and broken connections per second. Zero through a reload is a clean reload.',
          unit: 'reqps',
          width: 8,
          queries: [{ expr: `${BY_MODEL} (${rate('loadRequests', '', 'outcome!="ok"')})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'p99 that clients see',
          description:
            'A fault that lasts a second shows here for as long as the requests it delayed take to be answered.',
          unit: 's',
          width: 8,
          queries: [{ expr: quantile(0.99, 'loadDuration', ['model']), legend: '{{model}}' }],
        }),
      ],
    },
    {
      title: 'What the server shows',
      panels: [
        timeSeries({
          title: 'Longest event loop delay',
          description: 'The unit that is blocked stands out; the others of the model go on.',
          unit: 's',
          width: 8,
          queries: [
            { expr: `max by (model, worker) (${metric('eventLoopDelayMax')})`, legend: '{{model}} {{worker}}' },
          ],
        }),
        stateTimeline({
          title: 'Units that are ready',
          description: 'Green is ready, grey is not (it starts or drains); a gap is a unit that is gone.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: `max by (model, worker) (${metric('workerUp', '', 'state="ready"')})`,
              legend: '{{model}} {{worker}}',
            },
          ],
          states: [
            { value: 0, text: 'not ready', colour: OKABE_ITO.grey },
            { value: 1, text: 'ready', colour: GOOD },
          ],
        }),
        timeSeries({
          title: 'Requests in progress',
          description: 'What piles up while nothing is answered.',
          unit: 'none',
          width: 8,
          queries: [{ expr: `${BY_MODEL} (${metric('activeRequests', '', 'role="worker"')})`, legend: '{{model}}' }],
        }),
      ],
    },
  ],
}
