import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../../cluster/model.ts'
import { signalProcess } from '../../cluster/census.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Unit } from '../../core/unit.ts'
import type { Observation } from '../../loadtest/observation/observation.ts'

/** Something that goes wrong in practice, caused on purpose. */
export interface Fault {
  readonly id: string
  /** One sentence: what is done, and what it stands for. */
  readonly summary: string
  /** Causes it and resolves when it is over; whatever it did to a process is undone also when the signal aborts. */
  cause(server: RunningServer, signal: AbortSignal): Promise<void>
}

/** Seconds for which a stopped worker hangs. */
const FREEZE_S = 3

/** Seconds for which more is asked of the server than it can take. */
const OVERLOAD_S = 3

/** Requests at once in an overload. */
const OVERLOAD_REQUESTS = 300

/** Largest prime that the built-in app takes: no request computes longer. */
const LONGEST_PRIME = '9999999999999937'

/** The faults, by their id. */
export const FAULTS: readonly Fault[] = [
  {
    id: 'block-loop',
    summary: 'One request computes for seconds: the event loop that got it answers nothing else meanwhile.',
    cause: async (server, signal) => {
      await request(server, `/cpu/prime?n=${LONGEST_PRIME}`, signal)
    },
  },
  {
    id: 'kill-worker',
    summary: 'A worker is killed (SIGKILL), as the kernel does it when memory runs out.',
    cause: async (server, signal) => {
      const worker = await anyWorker(server)
      signalProcess(worker.pid, 'SIGKILL')
      await pause(1, signal)
    },
  },
  {
    id: 'freeze-worker',
    summary: `A worker is stopped for ${FREEZE_S} s (SIGSTOP), like a process that the machine gives no time.`,
    cause: async (server, signal) => {
      const worker = await anyWorker(server)
      signalProcess(worker.pid, 'SIGSTOP')
      try {
        await pause(FREEZE_S, signal)
      } finally {
        signalProcess(worker.pid, 'SIGCONT')
      }
    },
  },
  {
    id: 'overload',
    summary: `For ${OVERLOAD_S} s ${OVERLOAD_REQUESTS} requests are open at once: pools fill, queues grow, load is shed.`,
    cause: async (server, signal) => {
      const ending = new AbortController()
      const over = AbortSignal.any([signal, ending.signal])
      const load = Promise.all(Array.from({ length: OVERLOAD_REQUESTS }, () => requestUntil(server, over)))
      await pause(OVERLOAD_S, signal)
      ending.abort()
      await load
    },
  },
  {
    id: 'reload',
    summary: 'Every worker is replaced by a new one, as for a new version of the app.',
    cause: async (server) => {
      if (server.reload === null) throw unable('a way to replace its workers')
      await server.reload()
    },
  },
]

/** Causes a fault while the observation marks its time. Throws USAGE when the server lacks what the fault needs. */
export async function causeFault(
  fault: Fault,
  server: RunningServer,
  observation: Pick<Observation, 'fault'>,
  signal: AbortSignal,
): Promise<void> {
  observation.fault(fault.id, true)
  try {
    await fault.cause(server, signal)
  } finally {
    observation.fault(fault.id, false)
  }
}

/** A worker process, the last one by name: the first is often the one that a reader looks at. */
async function anyWorker(server: RunningServer): Promise<Unit> {
  const worker = (await server.units()).filter(({ role }) => role === 'worker').at(-1)
  if (worker === undefined) throw unable('a worker of its own')
  return worker
}

async function request(server: RunningServer, path: string, signal: AbortSignal): Promise<void> {
  const target = server.targets[0]
  if (target === undefined) throw unable('an address')
  try {
    const response = await fetch(new URL(path, target), { signal })
    await response.arrayBuffer()
  } catch {
    // A server that breaks under a fault is what faults are for.
  }
}

async function requestUntil(server: RunningServer, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await request(server, '/cpu/prime', over)
    await pause(0.001, over)
  }
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined)
}

function unable(what: string): ForkwiseError {
  return new ForkwiseError('USAGE', {
    message: `Expected a server with ${what}, which this model does not have.`,
    hint: 'Choose another model, `cluster` for example, or another fault.',
  })
}
