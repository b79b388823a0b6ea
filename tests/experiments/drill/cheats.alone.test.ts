import { expect, test } from 'vitest'
import { signalProcess } from '../../../cluster/census.ts'
import { childrenOf, commandLineOf } from '../../../cluster/proc.ts'
import { drill } from '../../../experiments/drill/drills/blocked-loop.ts'
import { playDrill } from '../../../experiments/drill/proof.ts'
import type { Stage } from '../../../experiments/drill/drill.ts'

/** What nothing takes, on the busiest machine; it only ends what hangs. */
const PATIENCE_MS = 600_000

/** A server that stays blocked: nothing that is tried here is a fix. */
const stages: Stage[] = []
const watched = {
  ...drill,
  fault: {
    ...drill.fault,
    run: (stage: Stage) => {
      stages.push(stage)
      return drill.fault.run(stage)
    },
  },
}

function generators(): number[] {
  return (childrenOf(process.pid) ?? []).filter((pid) =>
    commandLineOf(pid).some((word) => word.includes('generator-process')),
  )
}

async function play(cheat: () => Promise<void>): ReturnType<typeof playDrill> {
  return playDrill(watched, 7, new AbortController().signal, cheat, { healthyS: 1 })
}

test.each([
  ['killing the load generator', 'SIGKILL', 'the load generator'],
  ['stopping the load generator', 'SIGSTOP', 'the load generator has not reported for'],
] as const)(
  '%s solves nothing, and is no failure of the trainee',
  async (_, signal, words) => {
    const outcome = await play(async () => generators().forEach((pid) => signalProcess(pid, signal)))
    expect(outcome).toMatchObject({ end: 'checker-failed', judgement: { outcome: 'checker-failed' } })
    expect(outcome.recording.acts.at(-1)).toMatchObject({ kind: 'over', reason: expect.stringContaining(words) })
  },
  PATIENCE_MS,
)

test(
  'ending the server solves nothing, and is said as that',
  async () => {
    const outcome = await play(async () => {
      const units = (await stages.at(-1)?.units()) ?? []
      const supervisor = units.find(({ role }) => role === 'supervisor')
      if (supervisor !== undefined) signalProcess(supervisor.pid, 'SIGKILL')
    })
    expect(outcome).toMatchObject({ end: 'checker-failed' })
    expect(outcome.recording.acts.at(-1)).toMatchObject({ reason: expect.stringContaining('the server is gone') })
  },
  PATIENCE_MS,
)
