import type { RunningServer, ServerModel } from '../cluster/model.ts'
import { startServer } from '../cluster/start.ts'
import type { Load, LoadRecord, Workload } from '../core/load.ts'
import type { Unit } from '../core/unit.ts'
import { bareRate } from './bare-rate.ts'
import type { DriverOptions } from './driver.ts'
import { driverFor } from './drivers.ts'
import { collectAnswers } from './equality/answers.ts'
import { type RequestCounts, scrapeRequestCounts, scrapeSettledCounts } from './scrape.ts'

/**
 * What experiments touch the world with: everything that starts a process, sends a request or lets time pass. Tests put
 * a scripted one in its place, so that the order of launches, slices and decisions runs in virtual time.
 */
export interface Instrument {
  /** Starts a server and resolves once it is ready; as {@link startServer}. */
  launch(model: ServerModel, options: Parameters<typeof startServer>[1]): Promise<RunningServer>
  /** Drives one load; as the driver of its kind. */
  drive(
    targets: readonly URL[],
    workload: Pick<Workload, 'id' | 'requests'>,
    load: Load,
    options: DriverOptions,
  ): Promise<LoadRecord>
  /** Asks each request of the workloads; as {@link collectAnswers}. */
  answers: typeof collectAnswers
  /** Calls per second of the bare function of a CPU workload, without a server; null for other workloads. */
  bareRate(workload: Workload): Promise<number | null>
  /** Requests answered so far by each unit, once none is in hand where `settled`; never rejects. */
  counts(units: readonly Unit[], settled: boolean): Promise<RequestCounts>
  /** Seconds on a clock that only runs forward. */
  nowS(): number
}

/** Real servers, real load. */
export const REAL_INSTRUMENT: Instrument = {
  launch: startServer,
  drive: (targets, workload, load, options) => driverFor(load).run(targets, workload, load, options),
  answers: collectAnswers,
  bareRate,
  counts: (units, settled) => (settled ? scrapeSettledCounts(units) : scrapeRequestCounts(units)),
  nowS: () => performance.now() / 1000,
}
