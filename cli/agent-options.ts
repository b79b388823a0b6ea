import { addressText, AGENT_PORT, type AgentAddress, readAddress } from '../agents/addresses.ts'
import { type Identity, readIdentity } from '../agents/identity.ts'
import type { AgentLimits } from '../agents/limits.ts'
import { TargetPattern } from '../agents/targets.ts'
import { availableCores } from '../core/cores.ts'
import { ForkwiseError, ProblemList } from '../core/errors.ts'
import { parseCount, parseDurationS, parseRatePerS } from '../core/quantities.ts'
import { addProblems } from '../experiments/resolution/problems.ts'
import type { Invocation, OptionSpec } from './command.ts'

/** Where an agent listens unless it is told to elsewhere: other hosts cannot reach it there. */
const LOOPBACK = '127.0.0.1'
/** What an agent does at most unless it is started with other limits. */
const MOST = { rate: '50000/s', connections: '10000', duration: '1h' } as const
/** Most connections that can be asked for. */
const CONNECTIONS_BOUND = 100_000

/** The options of `forkwise agent`. */
export const AGENT_OPTIONS: readonly OptionSpec[] = [
  { name: 'identity', type: 'string', value: 'file', help: 'The agent.pem of the campaign. Required.' },
  {
    name: 'listen',
    type: 'string',
    value: 'host:port',
    help: `Where to listen. Default: ${LOOPBACK}:${AGENT_PORT}, which other hosts cannot reach.`,
  },
  {
    name: 'allow',
    type: 'string',
    value: 'origin',
    multiple: true,
    help: 'Where load may go: http://10.0.0.1:3000, or http://10.0.0.1:* for every port; may be given several times. Required: nothing else is ever loaded.',
  },
  { name: 'max-rate', type: 'string', value: 'r', help: `Highest rate of an open loop. Default: ${MOST.rate}.` },
  {
    name: 'max-connections',
    type: 'string',
    value: 'n',
    help: `Most connections at once. Default: ${MOST.connections}.`,
  },
  {
    name: 'max-duration',
    type: 'string',
    value: '1h',
    help: `Longest load, warm-up included. Default: ${MOST.duration}.`,
  },
]

/** How an agent is to be started. */
export interface AgentSettings {
  readonly identity: Identity
  readonly address: AgentAddress
  readonly limits: AgentLimits
}

/** Reads the options of `forkwise agent`; throws USAGE with all problems at once. */
export function readAgentOptions({ values }: Pick<Invocation, 'values'>): AgentSettings {
  const problems = new ProblemList()
  const identity = addProblems(problems, () => {
    if (typeof values['identity'] === 'string') return readIdentity(values['identity'], 'agent')
    throw new ForkwiseError('USAGE', {
      message: 'Expected `--identity`, got none.',
      hint: 'It is the agent.pem that `forkwise agent init DIR` writes.',
    })
  })
  const listen = String(values['listen'] ?? addressText({ host: LOOPBACK, port: AGENT_PORT }))
  const address = readAddress(listen, '--listen', problems)
  const limits = readLimits(values, problems)
  problems.throwIfAny('USAGE')
  if (identity === null || address === null) throw new Error('Expected a problem to have been noted, got none.')
  return { identity, address, limits }
}

function readLimits(values: Invocation['values'], problems: ProblemList): AgentLimits {
  const allowed = (values['allow'] ?? []) as readonly string[]
  if (allowed.length === 0) {
    problems.add('Expected `--allow`, got none.', 'Say where load may go: `--allow http://10.0.0.1:3000`.')
  }
  const text = (name: keyof typeof MOST): string => String(values[`max-${name}`] ?? MOST[name])
  return {
    targets: allowed.flatMap((each) => addProblems(problems, () => TargetPattern.parse(each, '--allow')) ?? []),
    ratePerS: addProblems(problems, () => parseRatePerS(text('rate'), '--max-rate')) ?? 0,
    connections:
      addProblems(problems, () => parseCount(text('connections'), '--max-connections', 1, CONNECTIONS_BOUND)) ?? 0,
    durationS: addProblems(problems, () => parseDurationS(text('duration'), '--max-duration')) ?? 0,
    processes: availableCores(),
  }
}
