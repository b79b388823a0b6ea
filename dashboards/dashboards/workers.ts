import type { DashboardSpec } from '../frame.ts'
import { BAD, colourOverrides, GOOD, OKABE_ITO, WARN } from '../look.ts'
import { stateTimeline, timeSeries } from '../panels.ts'
import { metric, rate, selector } from '../queries.ts'

const BY_WORKER = 'sum by (model, worker)'
const REQUESTS = rate('requestDuration', '_count')
const REASON_COLOURS = colourOverrides({
  crash: BAD,
  boot: OKABE_ITO.yellow,
  'boot-timeout': OKABE_ITO.yellow,
  stuck: OKABE_ITO.purple,
  'drain-timeout': WARN,
  recycled: OKABE_ITO.skyBlue,
  reload: OKABE_ITO.blue,
  'scaled-down': OKABE_ITO.grey,
  drained: OKABE_ITO.grey,
})

/** The processes that do the work. */
export const WORKERS: DashboardSpec = {
  id: 'workers',
  title: 'Workers',
  description: 'Do all workers live, and does each get its share?',
  rows: [
    {
      title: 'Life',
      panels: [
        stateTimeline({
          title: 'State of each unit',
          description:
            'A gap is a time in which the unit did not exist or could not be asked. Orange before green is a start, blue after green a drain; green that ends in nothing is a crash.',
          unit: 'none',
          width: 24,
          queries: [
            {
              expr: `${BY_WORKER} (${metric('workerUp', '', 'state="starting"')}) + 2 * ${BY_WORKER} (${metric('workerUp', '', 'state="ready"')}) + 3 * ${BY_WORKER} (${metric('workerUp', '', 'state="draining"')})`,
              legend: '{{model}} {{worker}}',
            },
          ],
          states: [
            { value: 0, text: 'none', colour: OKABE_ITO.grey },
            { value: 1, text: 'starting', colour: WARN },
            { value: 2, text: 'ready', colour: GOOD },
            { value: 3, text: 'draining', colour: OKABE_ITO.skyBlue },
          ],
        }),
        timeSeries({
          title: 'Workers by state',
          description:
            'As the supervisor sees them, against the number it wants. `ready` below `desired` for more than a moment is WorkersMissing.',
          unit: 'none',
          width: 12,
          queries: [
            { expr: `sum by (model, state) (${metric('workers')})`, legend: '{{model}} {{state}}' },
            { expr: `sum by (model) (${metric('workersDesired')})`, legend: '{{model}} desired' },
          ],
        }),
        timeSeries({
          title: 'Age of each unit',
          description: 'Seconds since its process began. A line that falls to zero is a restart.',
          unit: 's',
          width: 12,
          queries: [
            {
              expr: `time() - max by (model, worker) (${metric('processStart')})`,
              legend: '{{model}} {{worker}}',
            },
          ],
        }),
        timeSeries({
          title: 'Restarts',
          description:
            'Workers started to replace another, in the interval of a bar. All but `recycled` and `reload` are not planned; four of them within a minute are WorkerCrashLoop.',
          unit: 'none',
          width: 12,
          bars: true,
          stacked: true,
          queries: [
            {
              expr: `sum by (model, reason) (increase(${metric('workerRestarts')}[$__rate_interval]))`,
              legend: '{{model}} {{reason}}',
            },
          ],
          overrides: REASON_COLOURS,
        }),
        timeSeries({
          title: 'Exits',
          description:
            'Workers that ended, in the interval of a bar. `drained` left as it was asked to; `drain-timeout` had to be killed since it did not.',
          unit: 'none',
          width: 12,
          bars: true,
          stacked: true,
          queries: [
            {
              expr: `sum by (model, reason) (increase(${metric('workerExits')}[$__rate_interval]))`,
              legend: '{{model}} {{reason}}',
            },
          ],
          overrides: REASON_COLOURS,
        }),
      ],
    },
    {
      title: 'Share',
      panels: [
        timeSeries({
          title: 'Share of each worker',
          description:
            'Part of the model’s answers that each worker gave. Level lines are a fair routing; with routing by connection the shares follow the number of connections, and with few of them that is a lottery.',
          unit: 'percentunit',
          width: 12,
          queries: [
            {
              expr: `${BY_WORKER} (${REQUESTS}) / on (model) group_left () (sum by (model) (${REQUESTS}) > 0)`,
              legend: '{{model}} {{worker}}',
            },
          ],
        }),
        timeSeries({
          title: 'Imbalance',
          description:
            'Rate of the busiest worker divided by the mean of all workers that are up. 1 is fair; above 1.5 (WorkerImbalance) the busiest worker decides capacity and latency.',
          unit: 'none',
          width: 12,
          queries: [
            {
              expr: `max by (model) (${BY_WORKER} (${REQUESTS})) / (sum by (model) (${REQUESTS} > 0) / count by (model) (${selector('up', 'role="worker"')} == 1))`,
              legend: '{{model}}',
            },
          ],
        }),
        timeSeries({
          title: 'Requests per second of each worker',
          description:
            'Answers per second. A worker at zero while others are busy is stuck, or no connection chose it.',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `${BY_WORKER} (${REQUESTS})`, legend: '{{model}} {{worker}}' }],
        }),
        timeSeries({
          title: 'Answered in front',
          description:
            'Requests per second that a proxy answered itself (files), beside those that the workers behind it answered. Empty where no proxy answers anything.',
          unit: 'reqps',
          width: 12,
          queries: [
            { expr: `${BY_WORKER} (${rate('proxyAnswers')})`, legend: '{{model}} {{worker}} itself' },
            {
              expr: `sum by (model) (${REQUESTS}) and on (model) sum by (model) (${rate('proxyAnswers')})`,
              legend: '{{model}} workers',
            },
          ],
        }),
        timeSeries({
          title: 'Connections of each worker',
          description: 'Open now. Routing by connection gives a worker work in proportion to these.',
          unit: 'none',
          width: 12,
          queries: [{ expr: `${BY_WORKER} (${metric('openConnections')})`, legend: '{{model}} {{worker}}' }],
        }),
      ],
    },
    {
      title: 'Cost',
      panels: [
        timeSeries({
          title: 'CPU of each unit',
          description: 'In cores. A worker at 1 is at its limit: one event loop cannot use more than one core.',
          unit: 'none',
          width: 12,
          queries: [
            { expr: `${BY_WORKER} (${rate('processCpu', '', 'role!="thread"')})`, legend: '{{model}} {{worker}}' },
          ],
        }),
        timeSeries({
          title: 'Memory of each unit',
          description:
            'Resident memory. Workers of one model should look alike; one that climbs alone has a leak or a queue.',
          unit: 'bytes',
          width: 12,
          queries: [
            {
              expr: `${BY_WORKER} (${metric('residentMemory', '', 'role!="thread"')})`,
              legend: '{{model}} {{worker}}',
            },
          ],
        }),
      ],
    },
  ],
}
