import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { ClosedLoad } from '../../core/load.ts'
import { formatRate, significant } from '../../core/quantities.ts'
import { startKnownServer } from '../calibration/known-server-process.ts'
import { sampleQuantile } from '../calibration/known-truth.ts'
import { proofRequest } from '../calibration/proof.ts'
import { hasWrk, runWrk } from '../calibration/wrk.ts'
import { driverFor } from '../drivers.ts'
import type { BenchFigure, BenchSurroundings } from './open-loop-bench.ts'

const run = promisify(execFile)
const CONNECTIONS = 10

interface Competitor {
  readonly name: string
  readonly drive: (url: URL, durationS: number, signal: AbortSignal) => Promise<Measured>
}

interface Measured {
  readonly ratePerS: number
  readonly p50Ms: number
}

/**
 * The closed loop beside plain autocannon and, where it is installed, wrk, in turns within one run, on a server that is
 * the limit and on one that is not. Every figure is a ratio of medians over the turns.
 */
export async function benchClosedLoop(
  { signal, say }: BenchSurroundings,
  turns: number = 5,
  durationS: number = 2,
): Promise<readonly BenchFigure[]> {
  const competitors = [OURS, AUTOCANNON, ...((await hasWrk()) ? [WRK] : [])]
  const server = await startKnownServer()
  try {
    const figures: BenchFigure[] = []
    for (const path of ['/now', '/spin?ms=1']) {
      const measured = new Map<string, Measured[]>(competitors.map(({ name }) => [name, []]))
      for (let turn = 0; turn < turns; turn++) {
        for (const { name, drive } of rotated(competitors, turn)) {
          say(`${name} on ${path}, turn ${turn + 1} of ${turns}`)
          measured.get(name)?.push(await drive(new URL(path, server.url), durationS, signal))
        }
      }
      const ours = mediansOf(measured.get(OURS.name) ?? [])
      const plain = mediansOf(measured.get(AUTOCANNON.name) ?? [])
      figures.push({
        what: `${path}: rate ÷ plain autocannon's`,
        measured: `${significant(ours.ratePerS / plain.ratePerS)} (${formatRate(ours.ratePerS)} ÷ ${formatRate(plain.ratePerS)})`,
        goal: 'at least 0.97',
        met: ours.ratePerS / plain.ratePerS >= 0.97,
      })
      const theirs = measured.get(WRK.name)
      if (theirs !== undefined) figures.push(...besideWrk(path, ours, mediansOf(theirs)))
    }
    return figures
  } finally {
    await server.stop()
  }
}

const OURS: Competitor = {
  name: 'the closed loop',
  async drive(url, durationS, signal) {
    const load: ClosedLoad = { kind: 'closed', connections: CONNECTIONS, durationS, timeoutS: 5, seed: 1 }
    const requests = [proofRequest(url.pathname + url.search)]
    const record = await driverFor(load).run([url], { id: 'bench', requests }, load, { signal })
    return { ratePerS: record.achievedRatePerS, p50Ms: record.latencyMs.p50 ?? Number.NaN }
  },
}

/** autocannon's own command line, as its users run it. */
const AUTOCANNON: Competitor = {
  name: 'autocannon',
  async drive(url, durationS, signal) {
    const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
    const words = ['--connections', `${CONNECTIONS}`, '--duration', `${durationS}`, '--json', '--no-progress', url.href]
    const { stdout } = await run(process.execPath, [program, ...words], { signal })
    const result = JSON.parse(stdout) as { requests: { average: number }; latency: { p50: number } }
    return { ratePerS: result.requests.average, p50Ms: result.latency.p50 }
  },
}

const WRK: Competitor = {
  name: 'wrk',
  drive: async (url, durationS, signal) => runWrk(url, CONNECTIONS, durationS, signal),
}

/** On a server that is the limit, rate and median must agree; where the generator is, wrk may be faster. */
function besideWrk(path: string, ours: Measured, wrk: Measured): BenchFigure[] {
  const limited = path !== '/now'
  const within = (ratio: number): boolean | null => (limited ? Math.abs(ratio - 1) <= 0.03 : null)
  const rate = ours.ratePerS / wrk.ratePerS
  const p50 = ours.p50Ms / wrk.p50Ms
  return [
    {
      what: `${path}: rate ÷ wrk's`,
      measured: `${significant(rate)} (${formatRate(ours.ratePerS)} ÷ ${formatRate(wrk.ratePerS)})`,
      goal: limited ? '0.97 to 1.03' : '',
      met: within(rate),
    },
    {
      what: `${path}: p50 ÷ wrk's`,
      measured: `${significant(p50)} (${significant(ours.p50Ms)} ms ÷ ${significant(wrk.p50Ms)} ms)`,
      goal: limited ? '0.97 to 1.03' : '',
      met: within(p50),
    },
  ]
}

function mediansOf(measured: readonly Measured[]): Measured {
  return {
    ratePerS: sampleQuantile(
      measured.map(({ ratePerS }) => ratePerS),
      0.5,
    ),
    p50Ms: sampleQuantile(
      measured.map(({ p50Ms }) => p50Ms),
      0.5,
    ),
  }
}

/** Another one begins each turn, so that none always runs on a warm or a hot machine. */
function rotated<T>(items: readonly T[], by: number): readonly T[] {
  return items.map((_, i) => items[(i + by) % items.length] as T)
}
