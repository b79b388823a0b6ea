import { addressText } from '../../agents/addresses.ts'
import { Agent } from '../../agents/agent.ts'
import { buildHash } from '../../agents/build.ts'
import { makeCampaign } from '../../agents/identity.ts'
import { untilAborted } from '../../core/abort.ts'
import { EXIT, type ExitCode, ForkwiseError } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { AGENT_OPTIONS, readAgentOptions } from '../agent-options.ts'
import type { Command, Invocation } from '../command.ts'

/** `forkwise agent`: a machine that sends load for another. */
export const command: Command = {
  name: 'agent',
  summary: 'Send load from this machine for a controller on another one.',
  positionals: '[init DIR]',
  arity: [0, 2],
  description:
    'Waits for the controller of its campaign (`load --agents`) and sends the load that it is asked for, within the ' +
    'limits given here. Everything goes over TLS 1.3 with certificates at both ends. An agent that hears nothing of its ' +
    'controller for 10 s ends everything. `init` makes a campaign: controller.pem, which stays where the commands are ' +
    'typed, and agent.pem, which goes to every agent. Both must run the same build of Forkwise.',
  options: AGENT_OPTIONS,
  examples: [
    { line: 'forkwise agent init lab', meaning: 'Make a campaign, once.' },
    {
      line: 'forkwise agent --identity agent.pem --listen 10.0.0.2 --allow http://10.0.0.1:3000',
      meaning: 'On the machine that sends.',
    },
  ],
  json: false,
  async run(invocation) {
    const [action, dir, ...rest] = invocation.positionals
    if (action === undefined) return serveLoads(invocation)
    requireKnown('an action', [action], ['init'])
    if (dir === undefined || rest.length > 0) {
      throw new ForkwiseError('USAGE', {
        message: 'Expected a folder for the campaign, got none.',
        hint: 'Write `forkwise agent init lab`.',
      })
    }
    return init(dir, invocation)
  },
}

function init(dir: string, { terminal }: Invocation): ExitCode {
  const { campaign, controller, agent } = makeCampaign(dir)
  terminal.result(
    [
      `campaign ${campaign}, good for a year`,
      `  ${controller}  stays here, for --identity of \`forkwise load … --agents\``,
      `  ${agent}  goes to every agent, for --identity of \`forkwise agent\`; nobody else may read either`,
    ].join('\n'),
  )
  return EXIT.ok
}

async function serveLoads(invocation: Invocation): Promise<ExitCode> {
  const { terminal, signal } = invocation
  const { identity, address, limits } = readAgentOptions(invocation)
  const build = buildHash()
  const say = (line: string): void => terminal.note(line)
  const agent = await Agent.listen({ identity, ...address, limits, build, say })
  const where = addressText({ ...address, port: agent.port })
  terminal.result(`ready ${where}, campaign ${identity.campaign}, build ${build}`)
  await untilAborted(signal)
  await agent.close()
  return EXIT.ok
}
