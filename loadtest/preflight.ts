import { findBun, findDeno } from '../cluster/runtimes.ts'
import { findTool } from '../cluster/tools.ts'
import { WATT_NODE, WATTPM } from '../cluster/watt.ts'
import { accessSync, constants } from 'node:fs'
import os from 'node:os'
import { delimiter, join } from 'node:path'
import { listFolder } from '../core/folders.ts'
import { formatBytes, significant } from '../core/quantities.ts'
import { readText } from '../core/read-text.ts'
import type { MachineFinding } from '../core/records.ts'
import { cpuQuotaCores } from './cpu-quota.ts'
import { readCpuTopology } from './cpu-topology.ts'
import type { HostMeter } from './host.ts'
import { placementFor, placementText } from './placement.ts'
import { GATES } from './validity.ts'

/** Programs that npm cannot bring, what needs them, and the Debian packages they come in. */
export const SYSTEM_PARTS: readonly { readonly program: string; readonly for: string; readonly packages: string }[] = [
  { program: 'nginx', for: 'the nginx-fork models', packages: 'nginx-light' },
  { program: 'redis-server', for: 'the task-queue model', packages: 'redis-server' },
  { program: 'gunicorn', for: 'the Gunicorn models', packages: 'gunicorn python3-gevent' },
  { program: 'uwsgi', for: 'the uWSGI model', packages: 'uwsgi-core uwsgi-plugin-python3' },
  { program: 'apache2', for: 'the mod_wsgi model', packages: 'apache2-bin libapache2-mod-wsgi-py3' },
  { program: 'uvicorn', for: 'the Uvicorn models', packages: 'uvicorn python3-uvloop python3-httptools' },
  { program: 'hypercorn', for: 'the Hypercorn model', packages: 'python3-hypercorn python3-uvloop' },
  { program: 'daphne', for: 'the Daphne model', packages: 'daphne' },
  { program: 'haproxy', for: 'the HAProxy models', packages: 'haproxy' },
  { program: 'rq', for: 'the RQ models', packages: 'python3-rq' },
  { program: 'pypy3', for: 'models in Python on PyPy (`--python`)', packages: 'pypy3' },
  { program: 'prometheus', for: 'compare --prometheus and observe', packages: 'prometheus' },
  { program: 'wrk', for: 'the check of the generator against wrk', packages: 'wrk' },
  { program: 'chromium', for: 'the tests of the HTML report', packages: 'chromium' },
]

/** Coefficient of variation of a fixed piece of work, above which the machine's speed is unsteady, or too unsteady. */
const SPIN = { warning: 0.03, critical: 0.1, turns: 40, turnMs: 10 } as const

/** File descriptors that a run with a thousand connections needs, with room to spare. */
const LEAST_DESCRIPTORS = 4096

/** Free local ports that a run needs whose servers close every connection, at some hundred requests a second. */
const LEAST_PORTS = 10_000

/** Free memory that the largest default run needs. */
const LEAST_MEMORY_BYTES = 1.5 * 2 ** 30

/**
 * Looks at all that spoils measurements on this machine: cores, quota, clock governor, other programs, the steadiness
 * of a spin loop, descriptors, memory, and missing system parts. Takes about two seconds.
 */
export async function preflight(host: HostMeter): Promise<readonly MachineFinding[]> {
  return [
    nodeFinding(),
    coresFinding(),
    quotaFinding(),
    governorFinding(),
    ...(await noiseFindings(host)),
    descriptorFinding(),
    portFinding(readText('/proc/sys/net/ipv4/ip_local_port_range'), readText('/proc/net/sockstat')),
    memoryFinding(),
  ]
}

/** One finding for each program that npm cannot bring. */
export function partFindings(path: string = process.env['PATH'] ?? ''): readonly MachineFinding[] {
  return SYSTEM_PARTS.map((part) => {
    const found = isOnPath(part.program, path)
    return {
      check: part.program,
      level: found ? 'ok' : 'warning',
      found: found ? `installed (for ${part.for})` : `not installed: ${part.for} cannot run`,
      remedy: found ? '' : `npx forkwise setup, or apt-get install --no-install-recommends ${part.packages}`,
    }
  })
}

/** One finding for each tool that `npx forkwise setup` brings beside the system's own parts. */
export function toolFindings(): readonly MachineFinding[] {
  const tools = [
    { check: 'Node 24', for: 'models that need a newer Node', file: findTool('node/bin/node') },
    { check: 'Watt', for: 'the watt model', file: findTool(WATT_NODE) === null ? null : findTool(WATTPM) },
    { check: 'Bun', for: 'the single-bun model', file: findBun() },
    { check: 'Deno', for: 'the single-deno model', file: findDeno() },
  ]
  return tools.map((tool) => ({
    check: tool.check,
    level: tool.file === null ? 'warning' : 'ok',
    found: tool.file === null ? `not installed: ${tool.for} cannot run` : `installed (for ${tool.for})`,
    remedy: tool.file === null ? 'npx forkwise setup' : '',
  }))
}

/** Whether there is a CPython without an interpreter lock, which Debian has not; models in Python run on it by `--python`. */
export function freeThreadedFinding(path: string = process.env['PATH'] ?? ''): MachineFinding {
  const [found] = path.split(delimiter).flatMap((folder) =>
    listFolder(folder)
      .filter((name) => /^python3\.\d+t$/.test(name))
      .map((name) => join(folder, name)),
  )
  return {
    check: 'free-threaded CPython',
    level: 'ok',
    found:
      found === undefined
        ? 'none on PATH (python3.13t or newer); Debian has no package of it, and no model needs it'
        : `installed (for models in Python on it: \`--python ${found}\`)`,
    remedy: '',
  }
}

/** The findings about steadiness and other programs alone, for the start of a comparison. */
export async function noiseFindings(host: HostMeter): Promise<readonly MachineFinding[]> {
  const cores = os.availableParallelism()
  const foreignCores = await host.foreignCores(1)
  const variation = spinVariation()
  return [
    {
      check: 'other programs',
      level: foreignCores / cores > GATES.foreignPerCore ? 'critical' : 'ok',
      found: `they use ${foreignCores.toFixed(2)} of ${cores} cores`,
      remedy:
        foreignCores / cores > GATES.foreignPerCore
          ? 'End them, or give the run more time: polluted blocks are dropped and replaced.'
          : '',
    },
    {
      check: 'steady speed',
      level: variation > SPIN.critical ? 'critical' : variation > SPIN.warning ? 'warning' : 'ok',
      found: `a fixed piece of work varies by ${significant(variation * 100)} % (fine below ${SPIN.warning * 100} %)`,
      remedy:
        variation > SPIN.warning
          ? 'The cores are shared or change their clock: expect wide intervals, and use a less busy machine for figures to publish.'
          : '',
    },
  ]
}

/** Coefficient of variation of the time a fixed piece of work takes, over 0.4 s. */
export function spinVariation(): number {
  const rounds = roundsFor(SPIN.turnMs)
  const times = Array.from({ length: SPIN.turns }, () => timeOf(rounds))
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1)
  return Math.sqrt(variance) / mean
}

function roundsFor(milliseconds: number): number {
  let rounds = 100_000
  timeOf(rounds * 10)
  const probe = timeOf(rounds * 10) / 10
  rounds = Math.max(1000, Math.round((rounds * milliseconds) / Math.max(probe, 0.01)))
  return rounds
}

function timeOf(rounds: number): number {
  const beganMs = performance.now()
  let value = 1
  for (let i = 0; i < rounds; i++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0
  // The result is used, so that the loop cannot be left out.
  return performance.now() - beganMs + (value === 0.5 ? 1 : 0)
}

function nodeFinding(): MachineFinding {
  return { check: 'Node', level: 'ok', found: process.version, remedy: '' }
}

function coresFinding(): MachineFinding {
  const topology = readCpuTopology()
  const placement = placementFor(topology)
  return {
    check: 'cores',
    level: placement !== null ? 'ok' : topology.cores.length >= 2 ? 'warning' : 'critical',
    found: placementText(topology, placement),
    remedy:
      placement === null
        ? 'Fine for ratios between models; for absolute figures use a machine with four physical cores or more.'
        : '',
  }
}

function quotaFinding(): MachineFinding {
  const quota = cpuQuotaCores()
  if (quota === null) return { check: 'CPU quota', level: 'ok', found: 'none', remedy: '' }
  return {
    check: 'CPU quota',
    level: 'critical',
    found: `a control group limits this process to ${significant(quota)} cores`,
    remedy: 'A throttled server stalls at random: run without a CPU limit, or with whole dedicated cores (cpuset).',
  }
}

function governorFinding(): MachineFinding {
  const governor = readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim()
  if (governor === undefined) return { check: 'clock governor', level: 'ok', found: 'not visible here', remedy: '' }
  const fine = governor === 'performance'
  return {
    check: 'clock governor',
    level: fine ? 'ok' : 'warning',
    found: governor,
    remedy: fine ? '' : 'Set it to performance: cpupower frequency-set -g performance',
  }
}

function descriptorFinding(): MachineFinding {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits') ?? '')?.[1] ?? Number.NaN)
  if (!Number.isFinite(limit)) return { check: 'open files', level: 'ok', found: 'limit not visible here', remedy: '' }
  const fine = limit >= LEAST_DESCRIPTORS
  return {
    check: 'open files',
    level: fine ? 'ok' : 'warning',
    found: `at most ${limit} per process`,
    remedy: fine ? '' : `Raise it before a run: ulimit -n ${LEAST_DESCRIPTORS}`,
  }
}

/**
 * Whether enough local ports are free for the connections of a run: closed ones keep theirs for a minute (TIME_WAIT).
 * `range` and `sockets` are the texts of `ip_local_port_range` and `sockstat`, null where the system has none.
 */
export function portFinding(range: string | null, sockets: string | null): MachineFinding {
  const [first = Number.NaN, last = Number.NaN] = (range ?? '').trim().split(/\s+/).map(Number)
  const waiting = Number(/^TCP:.* tw (\d+)/m.exec(sockets ?? '')?.[1] ?? Number.NaN)
  if (!Number.isFinite(last - first + waiting)) {
    return { check: 'local ports', level: 'ok', found: 'not visible here', remedy: '' }
  }
  const ports = last - first + 1
  const fine = ports - waiting >= LEAST_PORTS
  return {
    check: 'local ports',
    level: fine ? 'ok' : 'warning',
    found: `${ports} (${first} to ${last}), ${waiting} of them still held by closed connections`,
    remedy: fine
      ? ''
      : waiting > ports / 2
        ? 'Wait a minute: what closed connections hold is then free again.'
        : 'Widen the range: sysctl -w net.ipv4.ip_local_port_range="10240 65535"',
  }
}

function memoryFinding(): MachineFinding {
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo') ?? '')?.[1] ?? Number.NaN) * 1024
  const free = Number.isFinite(available) ? available : os.freemem()
  const fine = free >= LEAST_MEMORY_BYTES
  return {
    check: 'memory',
    level: fine ? 'ok' : 'critical',
    found: `${formatBytes(free)} free`,
    remedy: fine ? '' : 'Close programs: a machine that swaps measures its disk.',
  }
}

function isOnPath(program: string, path: string): boolean {
  return [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
