import type { DashboardSpec } from '../frame.ts'
import { timeSeries } from '../panels.ts'
import { metric, rate } from '../queries.ts'

const UNIT = '{{model}} {{worker}}'

/** What happens inside each Node process. */
export const EVENT_LOOP: DashboardSpec = {
  id: 'event-loop',
  title: 'Event loop and runtime',
  description: 'Is an event loop busy, blocked, or held up by garbage collection?',
  rows: [
    {
      title: 'Event loop',
      panels: [
        timeSeries({
          title: 'Event loop utilisation',
          description:
            'Share of each second in which the loop was not idle. At 1 the unit is at its limit and requests wait; a primary near 1 limits the whole server. A low value with slow answers means that the time goes elsewhere: a pool, a dependency, a proxy.',
          unit: 'percentunit',
          width: 24,
          max: 1,
          queries: [{ expr: metric('eventLoopUtilization'), legend: UNIT }],
        }),
        timeSeries({
          title: 'Longest delay',
          description:
            'By how much the loop was late at worst in the last seconds, a block that still goes on included. Above 0.2 s is EventLoopBlocked. It stays for some seconds so that no reading can miss it.',
          unit: 's',
          width: 12,
          queries: [{ expr: metric('eventLoopDelayMax'), legend: UNIT }],
        }),
        timeSeries({
          title: 'Heartbeat age',
          description:
            'Time since the loop last turned, reported by another thread. Near zero is well; a saw tooth is a loop that blocks again and again, a line that climbs one that does not come back.',
          unit: 's',
          width: 12,
          queries: [{ expr: metric('heartbeatAge'), legend: UNIT }],
        }),
      ],
    },
    {
      title: 'Garbage collection and heap',
      panels: [
        timeSeries({
          title: 'Time in garbage collection',
          description:
            'Share of each second. A few percent of minor collections are normal under load; major ones above that mean that the heap is too small or that too much is kept.',
          unit: 'percentunit',
          width: 12,
          queries: [
            { expr: `sum by (model, worker, kind) (${rate('gcDuration', '_sum')})`, legend: `${UNIT} {{kind}}` },
          ],
        }),
        timeSeries({
          title: 'Mean pause',
          description: 'Mean length of a collection by kind. Pauses add to the tail of latency.',
          unit: 's',
          width: 12,
          queries: [
            {
              expr: `sum by (model, kind) (${rate('gcDuration', '_sum')}) / (sum by (model, kind) (${rate('gcDuration', '_count')}) > 0)`,
              legend: '{{model}} {{kind}}',
            },
          ],
        }),
        timeSeries({
          title: 'Heap in use',
          description: 'A saw tooth is normal. Look at its lower edge: if that climbs, objects are kept.',
          unit: 'bytes',
          width: 12,
          queries: [{ expr: metric('heapUsed'), legend: UNIT }],
        }),
        timeSeries({
          title: 'Heap reserved',
          description: 'What the engine holds of the system for its heap. It follows the use with some delay.',
          unit: 'bytes',
          width: 12,
          queries: [{ expr: metric('heapTotal'), legend: UNIT }],
        }),
      ],
    },
    {
      title: 'Process',
      panels: [
        timeSeries({
          title: 'Resident memory',
          description:
            'Heap, buffers, code and stacks. If it climbs while the heap does not, buffers or native memory are kept.',
          unit: 'bytes',
          width: 12,
          queries: [{ expr: metric('residentMemory'), legend: UNIT }],
        }),
        timeSeries({
          title: 'File descriptors in use',
          description: 'Share of those that the process may open. Above 0.8 is FileDescriptorsNearlyGone.',
          unit: 'percentunit',
          width: 12,
          queries: [{ expr: `${metric('openFds')} / ${metric('maxFds')}`, legend: UNIT }],
        }),
      ],
    },
  ],
}
