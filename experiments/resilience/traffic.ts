import type { ServerModel } from '../../cluster/model.ts'
import type { Workload, WorkloadRequest } from '../../core/load.ts'

/** A prime whose test takes 1 ms, and one whose test takes 150 ms (Node 20.20, one core of an AMD EPYC, November 2026). */
const PRIMES = { of1Ms: 62_499_999_941, of150Ms: 999_999_999_999_989 } as const

/** Clients that come for one request and go: each of theirs is on a connection of its own. */
const ON_ITS_OWN = { connection: 'close' } as const

function prime(route: string, n: number, weight: number, headers: Readonly<Record<string, string>>): WorkloadRequest {
  return { route, method: 'GET', path: `/cpu/prime?n=${n}`, headers, weight, expectStatus: 200 }
}

/**
 * What a server has to do while a fault is injected: mostly short computing, two thirds of it for clients that come with a
 * connection of their own, and one request in forty that keeps a worker busy for as long as it takes several clients to
 * come. Whoever is lost with a busy worker is lost here.
 */
export const TRAFFIC: Workload = {
  id: 'traffic',
  title: 'Short and long computing, kept and fresh connections',
  summary: 'Of forty requests 39 compute for 1 ms, 26 of them on connections of their own, and one for 150 ms.',
  kind: 'cpu',
  requests: [
    prime('kept', PRIMES.of1Ms, 13, {}),
    prime('fresh', PRIMES.of1Ms, 26, ON_ITS_OWN),
    prime('long', PRIMES.of150Ms, 1, {}),
  ],
  connections: ({ workers }) => 8 * Math.max(1, workers),
}

/** {@link TRAFFIC} as a model answers it: with jobs (202) where tasks wait in a queue and requests do not. */
export function trafficOf({ executor }: Pick<ServerModel, 'executor'>): Workload {
  if (executor !== 'task-queue') return TRAFFIC
  return { ...TRAFFIC, requests: TRAFFIC.requests.map((request) => ({ ...request, expectStatus: 202 })) }
}
