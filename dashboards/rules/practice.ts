/** The drills in which each alert should fire, by its name (docs/DRILLS.md); a test holds it against the drills themselves. */
export const DRILLS_OF_ALERT: Readonly<Record<string, readonly string[]>> = {
  EventLoopBlocked: ['blocked-loop'],
  GarbageCollectionHeavy: ['gc-pressure'],
  LatencyObjectiveMissed: ['slow-dependency', 'thread-pool'],
  WorkerCrashed: ['silent-hang'],
  WorkerImbalance: ['imbalance'],
  WorkersLeaveTogether: ['leak-in-step'],
  HighErrorRatio: ['retry-storm'],
}
