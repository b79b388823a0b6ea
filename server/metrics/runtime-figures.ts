import { PerformanceObserver, constants, performance, type PerformanceEntry } from 'node:perf_hooks'
import v8 from 'node:v8'
import { METRICS } from '../../core/metrics.ts'
import type { SharedFigures } from './shared-figures.ts'

const GC_KINDS: readonly (readonly [kind: number, name: string])[] = [
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]

const GC_BOUNDS = METRICS.gcDuration.buckets ?? []

/** Figures of the JavaScript engine and its event loop that only the main thread can read. */
export interface RuntimeFigures {
  /** Reads them; called once a second, since utilisation is a difference between two readings. */
  sample(): void
  stop(): void
}

/** Watches event loop utilisation, heap and garbage collection of this thread into shared memory. */
export function watchRuntime(figures: SharedFigures): RuntimeFigures {
  const utilization = figures.allocate('eventLoopUtilization')
  const heapUsed = figures.allocate('heapUsed')
  const heapTotal = figures.allocate('heapTotal')
  const collections = watchCollections(figures)
  let before = performance.eventLoopUtilization()
  const sample = (): void => {
    const now = performance.eventLoopUtilization()
    figures.set(utilization, performance.eventLoopUtilization(now, before).utilization)
    before = now
    const heap = v8.getHeapStatistics()
    figures.set(heapUsed, heap.used_heap_size)
    figures.set(heapTotal, heap.total_heap_size)
  }
  sample()
  return { sample, stop: () => collections.disconnect() }
}

function watchCollections(figures: SharedFigures): PerformanceObserver {
  const places = new Map(GC_KINDS.map(([kind, name]) => [kind, figures.allocate('gcDuration', { kind: name })]))
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as (PerformanceEntry & { detail: { kind: number } })[]) {
      const at = places.get(detail.kind)
      if (at !== undefined) figures.observe(at, duration / 1000, GC_BOUNDS)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return observer
}
