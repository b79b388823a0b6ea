import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, type AgentOptions } from '../../agents/agent.ts'
import { type Identity, makeCampaign, readIdentity } from '../../agents/identity.ts'
import { TargetPattern } from '../../agents/targets.ts'

/** A campaign in a folder of its own. */
export interface TestCampaign {
  readonly dir: string
  readonly controller: Identity
  readonly agent: Identity
  remove(): void
}

/** Makes a campaign in a temporary folder. */
export function testCampaign(): TestCampaign {
  const dir = mkdtempSync(join(tmpdir(), 'forkwise-campaign-'))
  const files = makeCampaign(dir)
  return {
    dir,
    controller: readIdentity(files.controller, 'controller'),
    agent: readIdentity(files.agent, 'agent'),
    remove: () => rmSync(dir, { recursive: true }),
  }
}

/** An agent in this process, with what it said. */
export interface TestAgent {
  readonly agent: Agent
  readonly lines: string[]
}

/** The build that test agents say they are of. */
export const BUILD = 'aaaaaaaaaaaaaaaa'

/** Starts an agent on a free port, which may load every port of 127.0.0.1. */
export async function startAgent(identity: Identity, more: Partial<AgentOptions> = {}): Promise<TestAgent> {
  const lines: string[] = []
  const agent = await Agent.listen({
    identity,
    host: '127.0.0.1',
    port: 0,
    limits: {
      targets: [TargetPattern.parse('http://127.0.0.1:*', '--allow')],
      ratePerS: 10_000,
      connections: 100,
      durationS: 4000,
      processes: 2,
    },
    build: BUILD,
    say: (line) => lines.push(line),
    ...more,
  })
  return { agent, lines }
}
