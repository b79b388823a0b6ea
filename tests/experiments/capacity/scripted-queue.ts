import { countArrivals } from '../../../analysis/capacity/service/replay.ts'
import type { ServerModel } from '../../../cluster/model.ts'
import type { OpenLoad } from '../../../core/load.ts'
import type { Routing } from '../../../core/routing.ts'
import type { MeasuringWorld } from '../../../experiments/capacity/measuring-run.ts'
import { modelSubject } from '../../../experiments/capacity/subject.ts'
import { virtualWorkload } from '../../../experiments/capacity/virtual-subject.ts'
import { KNOWN, type KnownServer, runKnown } from '../../analysis/capacity/synthetic-measurement.ts'
import { type Script, scriptedModel, type ScriptedWorld } from '../scripted-world.ts'

/** Mean seconds that a request keeps a worker of {@link KNOWN} busy. */
export const BUSY_S = 0.005

/** A script whose servers have the latencies of a simulated queue, as a real one of the kind would show them. */
export function queueScript(serverOf: (model: string) => Partial<KnownServer> = () => ({})): Script {
  const known = (model: string): KnownServer => ({ ...KNOWN, cores: 2, sigma: 0, noise: 0, ...serverOf(model) })
  return {
    cpuMsPerRequest: BUSY_S * 1000,
    rate: (_model, _workload, _launch, workers) => workers / BUSY_S,
    latenciesMs: (load, requests, { model, workers }) => {
      const { seed } = load
      const unloaded = load.kind === 'closed' && load.connections === 1
      if (load.kind === 'closed' && !unloaded) {
        // Little's law: what is in flight, over the rate.
        return Array.from({ length: requests }, () => (load.connections * BUSY_S * 1000) / workers)
      }
      const run =
        load.kind === 'open'
          ? { ratePerS: load.ratePerS, arrivalSeed: seed, ...arrivalsOf(load) }
          : { ratePerS: 0.5, requests }
      const { latenciesS } = runKnown(known(model), { workers, seed, ...run })
      return Array.from(latenciesS, (latencyS) => latencyS * 1000)
    },
  }
}

/** A script for virtual servers, whose workers are timers of 8 ms. */
export function virtualScript(): Script {
  const script = queueScript((model) => ({
    routing: model.replace('virtual-', '') as Routing,
    executor: 'worker-pool',
    cpu: { kind: 'exponential', meanS: 0.008 },
    wait: { kind: 'constant', valueS: 0 },
    cores: 64,
  }))
  return { ...script, cpuMsPerRequest: 0.05, rate: (_model, _workload, _launch, workers) => workers / 0.008 }
}

/** The arrivals of an open load are its own, so that a prediction can make them again. */
function arrivalsOf({ ratePerS, seed, warmupS, durationS }: OpenLoad): { requests: number; warmupRequests: number } {
  const { before, after } = countArrivals(ratePerS, { seed, warmupS: warmupS ?? 0, durationS })
  return { requests: after, warmupRequests: before }
}

/** A world for experiments on capacity that is scripted through and through. */
export function measuringWorld({ context }: Pick<ScriptedWorld, 'context'>): MeasuringWorld {
  return {
    open: (settings, { signal }, use) => use({ ...context, signal, settings: { ...settings, placement: null } }),
    virtual: ({ routing, service, serviceMs }, sized) => ({
      ...modelSubject(
        scriptedModel(`virtual-${routing}`, { routing }),
        virtualWorkload(service, serviceMs),
        sized,
        null,
      ),
      arithmetic: true,
    }),
  }
}

/** A model that has one process, whatever is asked for. */
export function singleModel(more: Partial<ServerModel> = {}): ServerModel {
  return scriptedModel('single', { fixedSize: true, ...more })
}
