import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { median } from '../../analysis/statistics/sample.ts'
import { compiled } from '../../core/paths.ts'
import type { Bench, BenchRow } from '../bench.ts'

/** Starts of each command line; they take turns, so that all meet the same machine. */
const ROUNDS = 25

/** How many times as long as an empty program of Node a start may take, beside its allowance. */
const RATIO = 1.5

/** A command line, and by how much it may take longer than RATIO empty programs. */
const LINES = [
  { words: ['--version'], allowanceMs: 30 },
  { words: ['load', '--help'], allowanceMs: 60 },
  { words: ['compare', '--help'], allowanceMs: 60 },
] as const

/** How soon the command line answers, beside Node's own start. */
export const bench: Bench = {
  name: 'start',
  summary: 'wall time of command lines that load nothing, in turns with `node -e 0`',
  async run({ signal, say }) {
    const emptyMs: number[] = []
    const linesMs: number[][] = LINES.map(() => [])
    for (let round = 1; round <= ROUNDS; round += 1) {
      say(`round ${round} of ${ROUNDS}`)
      emptyMs.push(await wallMs(['-e', '0'], signal))
      for (const [i, { words }] of LINES.entries()) {
        linesMs[i]?.push(await wallMs([compiled('cli/main.js'), ...words], signal))
      }
    }
    return LINES.map(({ words, allowanceMs }, i) => rowOf(words, allowanceMs, linesMs[i] ?? [], emptyMs))
  },
}

function rowOf(
  words: readonly string[],
  allowanceMs: number,
  lineMs: readonly number[],
  emptyMs: readonly number[],
): BenchRow {
  const beyondMs = median(lineMs.map((ms, round) => ms - RATIO * (emptyMs[round] ?? 0)))
  return {
    what: `forkwise ${words.join(' ')}`,
    measured: `${median(lineMs).toFixed(0)} ms, \`node -e 0\` ${median(emptyMs).toFixed(0)} ms: ${RATIO} times that ${beyondMs < 0 ? '−' : '+'} ${Math.abs(beyondMs).toFixed(0)} ms`,
    goal: `at most ${RATIO} times \`node -e 0\` + ${allowanceMs} ms`,
    met: beyondMs <= allowanceMs,
  }
}

async function wallMs(args: readonly string[], signal: AbortSignal): Promise<number> {
  const startMs = performance.now()
  await once(spawn(process.execPath, args, { stdio: 'ignore', signal }), 'exit')
  return performance.now() - startMs
}
