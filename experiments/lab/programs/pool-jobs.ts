// What the workers of the pools do: test a number, or go wrong in the middle of it.
import { type DefinedHandler, defineHandler } from '../../../server/index.ts'
import { handler as prime } from '../../../server/handlers/cpu-prime.ts'
import { hereContext } from '../../../server/here-context.ts'
import { runToEnd } from '../../../server/slices.ts'

/** A job of a pool. */
export interface Job {
  readonly id: number
  readonly n: string
  /** `die` ends the worker without a word, `throw` throws. */
  readonly fault: 'none' | 'die' | 'throw'
}

/** Does a job. In a thread `die` ends the thread, in a process the process. */
export async function doJob({ n, fault }: Job): Promise<boolean> {
  if (fault === 'die') process.exit(1)
  if (fault === 'throw') throw new Error('the job went wrong')
  return (await runToEnd(prime.run({ n }, hereContext()))).prime
}

/** The same for the pools of the app, whose threads and processes load this module. */
export const runJob: DefinedHandler<Job, boolean> = defineHandler({ id: 'lab-job', run: doJob })
