import type { DashboardSpec } from '../frame.ts'
import { BAD, colourOverrides, GOOD, WARN } from '../look.ts'
import { timeSeries } from '../panels.ts'
import { metric, quantile, rate } from '../queries.ts'

const POOL = '{{model}} {{worker}} {{pool}}'
const BY_POOL = 'sum by (model, worker, pool)'

/** Where work waits. */
export const POOLS_QUEUES: DashboardSpec = {
  id: 'pools-queues',
  title: 'Pools, queues, dependency',
  description: 'Where does work wait: for a thread, for a worker of the task queue, for another service?',
  rows: [
    {
      title: 'Pools',
      panels: [
        timeSeries({
          title: 'Pool in use',
          description: 'Share of its threads or processes that work. At 1 with a queue behind it: PoolExhausted.',
          unit: 'percentunit',
          width: 8,
          queries: [{ expr: `${metric('poolInUse')} / ${metric('poolSize')}`, legend: POOL }],
        }),
        timeSeries({
          title: 'Tasks that wait',
          description: 'Length of the pool’s queue. Level is a busy pool, climbing an overloaded one.',
          unit: 'none',
          width: 8,
          queries: [{ expr: metric('poolQueueLength'), legend: POOL }],
        }),
        timeSeries({
          title: 'Wait for the pool',
          description: 'Mean time a task waited before it began. It adds to every answer that needs the pool.',
          unit: 's',
          width: 8,
          queries: [
            { expr: `${BY_POOL} (${rate('poolWait')}) / (${BY_POOL} (${rate('poolTasks')}) > 0)`, legend: POOL },
          ],
        }),
        timeSeries({
          title: 'Tasks per second',
          description: 'Tasks the pool has finished. Its highest level is the pool’s capacity for this work.',
          unit: 'ops',
          width: 8,
          queries: [{ expr: `${BY_POOL} (${rate('poolTasks')})`, legend: POOL }],
        }),
        timeSeries({
          title: 'Tasks given up',
          description:
            'Tasks that were ended, with the thread they ran on, because their client stopped waiting. Zero is well.',
          unit: 'ops',
          width: 8,
          queries: [{ expr: `${BY_POOL} (${rate('poolTimeouts')})`, legend: POOL }],
        }),
        timeSeries({
          title: 'Requests shed',
          description:
            'Requests answered with 503 at once to protect the rest, by reason. `queue-full` is overload; `draining` means that a reload sends clients away.',
          unit: 'reqps',
          width: 8,
          queries: [{ expr: `sum by (model, reason) (${rate('shedRequests')})`, legend: '{{model}} {{reason}}' }],
        }),
        timeSeries({
          title: 'Busy share of each thread',
          description:
            'Part of each second in which each thread or process of the pool worked. All at 1: the pool is full. Some at 1 and some at 0: tasks are few and long.',
          unit: 'percentunit',
          width: 12,
          queries: [{ expr: `sum by (model, worker) (${rate('poolMemberBusy')})`, legend: '{{model}} {{worker}}' }],
        }),
        timeSeries({
          title: 'Wait for the executor',
          description:
            'Median and p99 of the time between the request and the start of its work, whatever the executor.',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.5, 'queueWait', ['model']), legend: '{{model}} p50' },
            { expr: quantile(0.99, 'queueWait', ['model']), legend: '{{model}} p99' },
          ],
        }),
      ],
    },
    {
      title: 'Task queue',
      panels: [
        timeSeries({
          title: 'Jobs that wait',
          description: 'Length of the task queue. Climbing means that jobs arrive faster than they are done.',
          unit: 'none',
          width: 12,
          queries: [{ expr: `max by (model, queue) (${metric('taskQueueLength')})`, legend: '{{model}} {{queue}}' }],
        }),
        timeSeries({
          title: 'Age of the oldest job',
          description: 'How long the job that waits longest has waited: what a client waits on top of the work.',
          unit: 's',
          width: 12,
          queries: [{ expr: `max by (model, queue) (${metric('taskQueueOldestAge')})`, legend: '{{model}} {{queue}}' }],
        }),
        timeSeries({
          title: 'Jobs ended',
          description: 'Jobs per second by outcome.',
          unit: 'ops',
          width: 12,
          queries: [{ expr: `sum by (model, outcome) (${rate('tasks')})`, legend: '{{model}} {{outcome}}' }],
          overrides: colourOverrides({ ok: GOOD, timeout: WARN, failed: BAD }),
        }),
        timeSeries({
          title: 'Time of a job',
          description: 'Median and p99 of the time a job worked, its wait left out.',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.5, 'taskDuration', ['model']), legend: '{{model}} p50' },
            { expr: quantile(0.99, 'taskDuration', ['model']), legend: '{{model}} p99' },
          ],
        }),
      ],
    },
    {
      title: 'Dependency',
      panels: [
        timeSeries({
          title: 'Calls to the dependency',
          description: 'Calls per second that the app makes to another service.',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: `sum by (model) (${rate('dependencyDuration', '_count')})`, legend: '{{model}}' }],
        }),
        timeSeries({
          title: 'Time of a call',
          description:
            'Median and p99 as the app sees them: time in the network, in the dependency, and in the app’s own busy event loop before it reads the answer.',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.5, 'dependencyDuration', ['model']), legend: '{{model}} p50' },
            { expr: quantile(0.99, 'dependencyDuration', ['model']), legend: '{{model}} p99' },
          ],
        }),
      ],
    },
  ],
}
