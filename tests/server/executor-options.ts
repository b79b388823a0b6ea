import type { ExecutorOptions } from '../../server/executors.ts'

/** What an executor is told in tests, with some of it changed. */
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
