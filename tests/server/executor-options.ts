import type { ExecutorOptions } from '../../server/executors.ts'

/** Options of an executor in tests, with some of them changed. */
export function executorOptions(changes: Partial<ExecutorOptions> = {}): ExecutorOptions {
  return {
    unitName: 'worker-1',
    launchDir: null,
    poolSize: 1,
    poolQueue: 1,
    brokerUrl: '',
    appModule: null,
    ...changes,
  }
}
