import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** The machine and runtime a measurement was made on. */
export interface MachineFacts {
  /** Hash over what makes two machines comparable: CPU model, cores, memory, platform. No host name. */
  readonly id: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly platform: string
  readonly kernel: string
  readonly node: string
  readonly v8: string
}

/** Reads the facts of this machine; `nodeVersion` when the measured processes run on another Node. */
export function machineFacts(nodeVersion: string = process.version): MachineFacts {
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown'
  const cores = os.availableParallelism()
  const memoryBytes = os.totalmem()
  const platform = distribution()
  const id = createHash('sha256')
    .update(JSON.stringify([cpu, cores, Math.round(memoryBytes / 2 ** 30), os.platform(), os.arch()]))
    .digest('hex')
    .slice(0, 12)
  return {
    id,
    cpu,
    cores,
    memoryBytes,
    platform,
    kernel: `${os.type()} ${os.release()}`,
    node: nodeVersion,
    v8: process.versions.v8,
  }
}

function distribution(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))
    return `${name?.[1] ?? os.platform()} ${os.arch()}`
  } catch {
    return `${os.platform()} ${os.arch()}`
  }
}
