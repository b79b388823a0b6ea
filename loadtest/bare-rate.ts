import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Workload } from '../core/load.ts'
import { compiled } from '../core/paths.ts'

/** Time the bare function is called for, in seconds. */
const BARE_S = 0.5

/**
 * Calls per second of the function behind a workload that is one CPU request, in one process without a server; null for
 * other workloads.
 */
export async function bareRate(workload: Workload): Promise<number | null> {
  const [only, ...others] = workload.requests
  if (only === undefined || others.length > 0 || !only.path.startsWith('/cpu/')) return null
  const { stdout } = await promisify(execFile)(process.execPath, [
    compiled('server/bare.js'),
    only.path,
    String(BARE_S),
  ])
  return (JSON.parse(stdout) as { callsPerS: number }).callsPerS
}
