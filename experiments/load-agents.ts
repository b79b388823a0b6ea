import { type AgentAddress, readAddress } from '../agents/addresses.ts'
import { buildHash } from '../agents/build.ts'
import { Fleet } from '../agents/fleet.ts'
import { type Identity, readIdentity } from '../agents/identity.ts'
import { inspectAgent } from '../agents/inspection.ts'
import type { ProblemList } from '../core/errors.ts'
import type { MachineFinding } from '../core/records.ts'
import type { Instrument } from '../loadtest/instrument.ts'
import type { GivenOptions } from './options/given.ts'
import type { SettingsOf } from './options/option.ts'
import type { AGENTS } from './options/sets/agents.ts'
import { addProblems } from './resolution/problems.ts'

/** Agents that are to send the loads of a run, and what the controller proves itself with. */
export interface LoadAgents {
  readonly addresses: readonly AgentAddress[]
  readonly identity: Identity
}

/** Reads which agents are asked for; null where none are. Every problem is noted. */
export function readAgents(
  { agents, identity }: SettingsOf<typeof AGENTS>,
  given: GivenOptions,
  problems: ProblemList,
): LoadAgents | null {
  if (agents === undefined) {
    if (identity !== undefined) {
      problems.add(`Expected \`${given.name('identity')}\` only with \`${given.name('agents')}\`.`)
    }
    return null
  }
  const addresses = agents.flatMap((text) => readAddress(text, given.name('agents'), problems) ?? [])
  if (identity === undefined) {
    problems.add(
      `Expected \`${given.name('identity')}\` with \`${given.name('agents')}\`, got none.`,
      'It is the controller.pem that `forkwise agent init DIR` writes.',
    )
    return null
  }
  const proof = addProblems(problems, () => readIdentity(identity, 'controller'))
  return proof === null ? null : { addresses, identity: proof }
}

/** Lets `use` drive loads by agents, and lets go of them whatever happens. Throws AGENT_UNAVAILABLE when one is not there. */
export async function withAgents<T>(
  { addresses, identity }: LoadAgents,
  signal: AbortSignal,
  use: (drive: Instrument['drive']) => Promise<T>,
): Promise<T> {
  const fleet = await Fleet.connect(addresses, { identity, signal, build: buildHash() })
  try {
    return await use((...load) => fleet.drive(...load))
  } finally {
    fleet.close()
  }
}

/** Looks at each agent: whether it is there, and what is between it and us. */
export async function inspectAgents(
  { addresses, identity }: LoadAgents,
  signal: AbortSignal,
): Promise<readonly MachineFinding[]> {
  const build = buildHash()
  return Promise.all(addresses.map(async (address) => inspectAgent(address, { identity, build, signal })))
}
