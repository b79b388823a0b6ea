import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Session } from '../../../cluster/session.ts'
import { findProgram } from '../../../cluster/programs.ts'
import { findTool } from '../../../cluster/tools.ts'
import type { LabEvent } from '../../../core/lab-record.ts'
import type { LabContext } from '../../../experiments/lab/lab.ts'
import { programPath } from '../../../experiments/lab/program-run.ts'

const newer = findTool('node/bin/node')

/** The Nodes that matrices of labs are held for: the one that runs the tests, and Node 24 where it is installed. */
export const LAB_NODES: readonly { readonly name: string; readonly path: string; readonly lacking: boolean }[] = [
  { name: 'the Node of the tests', path: process.execPath, lacking: false },
  {
    name: 'Node 24 [needs npx forkwise setup]',
    path: newer ?? 'node',
    lacking: newer === null && process.env['FORKWISE_REQUIRE_ALL'] !== '1',
  },
]

/** A context in which programs of labs run on a Node of one's choice. */
export function labContext(node: string, session: Session): LabContext {
  return {
    quick: true,
    change: '',
    cores: 2,
    lacks: [],
    repeat: 1,
    seed: 1,
    signal: new AbortController().signal,
    session,
    watch: (measure) => measure(),
    share: (_, measure) => measure(),
    async run(program, argument) {
      const interpreter = program.endsWith('.py') ? (findProgram('python3') ?? 'python3') : node
      const words = [programPath(program), JSON.stringify(argument)]
      const { stdout } = await promisify(execFile)(interpreter, words, { timeout: 120_000 })
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
      const records = lines.map((line) => JSON.parse(line) as LabEvent)
      const ending = { exitCode: 0, killedBy: null, timedOut: false, stderr: '', wallMs: 0, arrivedMs: [] }
      return { events: records.slice(0, -1), result: records.at(-1) ?? {}, ...ending }
    },
  }
}
