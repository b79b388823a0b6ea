import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import type { Launch } from './launch.ts'
import { findFreePorts } from './ports.ts'
import { findProgram } from './programs.ts'

/** A Redis of our own. */
export interface RunningRedis {
  /** Its address with the password, as clients take it. */
  readonly url: string
  readonly process: ChildProcess
}

/**
 * Starts a Redis on a free port of 127.0.0.1 that keeps nothing on disk and lets nobody in without the password, which
 * only its file and the environment of its clients hold. It accepts some 20 ms later; clients connect again until then.
 * Throws PART_MISSING when there is none on this machine.
 */
export async function startRedis(launch: Launch): Promise<RunningRedis> {
  const program = findProgram('redis-server')
  if (program === null) throw new ForkwiseError('PART_MISSING', { message: 'Redis is not installed.' })
  const folder = join(launch.dir, 'redis')
  const file = join(folder, 'redis.conf')
  const port = await findFreePorts('127.0.0.1', 1)
  const password = randomBytes(16).toString('hex')
  mkdirSync(folder, { mode: 0o700 })
  writeFileSync(file, redisConfiguration({ folder, port, password }), { mode: 0o600 })
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    process: launch.spawn({ name: 'broker', role: 'broker' }, program, [file]),
  }
}

/** The configuration of a Redis that only passes jobs on: no snapshots, no log of writes, nothing evicted. */
export function redisConfiguration({
  folder,
  port,
  password,
}: {
  readonly folder: string
  readonly port: number
  readonly password: string
}): string {
  return `
bind 127.0.0.1
port ${port}
requirepass ${password}
dir "${folder}"
save ""
appendonly no
maxmemory-policy noeviction
daemonize no
loglevel warning
`.trimStart()
}
