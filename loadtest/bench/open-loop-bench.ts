import { formatRate, significant } from '../../core/quantities.ts'
import { startKnownServer } from '../calibration/known-server-process.ts'
import { proofLoad, proofRequest } from '../calibration/proof.ts'
import { runOpenLoad } from '../drivers/open.ts'
import { generatorCeiling } from '../generator-ceiling.ts'

/** One figure of a bench, as `forkwise bench` prints it. */
export interface BenchFigure {
  readonly what: string
  readonly measured: string
  readonly goal: string
  readonly met: boolean | null
}

/** Surroundings of a bench. */
export interface BenchSurroundings {
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

const RATES_PER_S = [200, 1000, 5000, 10_000] as const
const GOAL = { sentShare: 0.999, latenessP50Ms: 0.05, latenessP99Ms: 0.3 } as const

/** How well one generator process keeps its schedule, at rates from 200 to 10,000 a second, and what it can do at most. */
export async function benchOpenLoop(
  { signal, say }: BenchSurroundings,
  durationS: number = 5,
): Promise<readonly BenchFigure[]> {
  const figures: BenchFigure[] = []
  const server = await startKnownServer()
  try {
    for (const ratePerS of RATES_PER_S) {
      say(`the pacer at ${formatRate(ratePerS)}`)
      const load = proofLoad(ratePerS, durationS, { warmupS: 1 })
      const requests = [proofRequest('/now')]
      const record = await runOpenLoad([server.url], { id: 'bench', requests }, load, { signal }, 1)
      const sentShare = record.ok / record.scheduled
      const { p50, p99 } = record.latenessMs ?? { p50: Number.NaN, p99: Number.NaN }
      figures.push({
        what: `pacer at ${formatRate(ratePerS)}`,
        measured:
          `${significant(sentShare)} of the schedule answered, lateness p50 ${microseconds(p50)}, p99 ${microseconds(p99)}, ` +
          `${significant(record.generator.cpuCores)} cores`,
        goal: 'at least 0.999, p50 at most 50 µs, p99 at most 300 µs on an idle machine',
        met: sentShare >= GOAL.sentShare && p50 <= GOAL.latenessP50Ms && p99 <= GOAL.latenessP99Ms,
      })
    }
  } finally {
    await server.stop()
  }
  say('the ceiling of one generator process')
  const ceiling = await generatorCeiling(0)
  return [
    ...figures,
    {
      what: 'ceiling of one generator process',
      measured: `${formatRate(ceiling.measuredPerS)} with a core of its own, asked for at most ${formatRate(ceiling.perProcessRatePerS)}`,
      goal: '',
      met: null,
    },
  ]
}

function microseconds(ms: number): string {
  return `${significant(ms * 1000)} µs`
}
