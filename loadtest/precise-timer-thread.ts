import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs, SHARED, type ThreadSettings } from './precise-timer.ts'

/** The program of the thread behind {@link PreciseTimer}: sleeps until shortly before the instant in shared memory. */
const { shared } = workerData as ThreadSettings
const state = new Int32Array(shared, 0, 2)
const wakeAt = new Float64Array(shared, SHARED.wakeAtByte, 1)

for (;;) {
  Atomics.wait(state, SHARED.armed, 0)
  // Read in this order: an instant that is set meanwhile has a later version, and the sleep below does not begin.
  const version = Atomics.load(state, SHARED.version)
  const leftMs = (wakeAt[0] ?? 0) - monotonicMs()
  const changed = leftMs > 0 && Atomics.wait(state, SHARED.version, version, leftMs) !== 'timed-out'
  if (changed) continue
  Atomics.store(state, SHARED.armed, 0)
  parentPort?.postMessage(null, [])
}
