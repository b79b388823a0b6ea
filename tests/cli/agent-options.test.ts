import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeCampaign } from '../../agents/identity.ts'
import { type AgentSettings, readAgentOptions } from '../../cli/agent-options.ts'
import { parseArguments } from '../../cli/arguments.ts'
import { command } from '../../cli/commands/agent.ts'
import { processTerminal } from '../../cli/terminal.ts'

const dir = mkdtempSync(join(tmpdir(), 'forkwise-agent-'))
const { agent, controller } = makeCampaign(join(dir, 'lab'))
afterAll(() => rmSync(dir, { recursive: true }))

function understand(...words: string[]): AgentSettings {
  return readAgentOptions(parseArguments(command, words))
}

test('an agent listens on loopback, and has limits that nobody set', () => {
  const { address, limits, identity } = understand('--identity', agent, '--allow', 'http://10.0.0.1:3000')
  expect(address).toEqual({ host: '127.0.0.1', port: 7420 })
  expect(limits).toMatchObject({ ratePerS: 50_000, connections: 10_000, durationS: 3600 })
  expect(limits.targets.map(String)).toEqual(['http://10.0.0.1:3000'])
  expect(identity.role).toBe('agent')
})

test('address and limits as they are named', () => {
  const { address, limits } = understand(
    '--identity',
    agent,
    '--listen',
    '10.0.0.2:9000',
    '--allow',
    'http://a:1',
    '--allow',
    'https://b:*',
    '--max-rate',
    '600/min',
    '--max-connections',
    '7',
    '--max-duration',
    '90s',
  )
  expect(address).toEqual({ host: '10.0.0.2', port: 9000 })
  expect(limits).toMatchObject({ ratePerS: 10, connections: 7, durationS: 90 })
  expect(limits.targets.map(String)).toEqual(['http://a:1', 'https://b:*'])
})

test('all that is wrong is said at once', () => {
  expect(() =>
    understand('--identity', controller, '--listen', 'a b', '--max-rate', 'fast', '--max-connections', '0'),
  ).toThrow(
    expect.objectContaining({
      problems: [
        { message: expect.stringContaining('it is for its controller'), hint: expect.any(String) },
        { message: expect.stringContaining('`--listen` to be an address'), hint: expect.any(String) },
        { message: 'Expected `--allow`, got none.', hint: expect.any(String) },
        { message: expect.stringContaining('`--max-rate`'), hint: expect.any(String) },
        { message: expect.stringContaining('`--max-connections`') },
      ],
    }),
  )
})

test('init makes a campaign and says where each file goes, once', async () => {
  const printed: string[] = []
  const init = async (...positionals: string[]): Promise<number> =>
    command.run({
      positionals,
      values: {},
      json: false,
      signal: new AbortController().signal,
      terminal: { ...processTerminal(), result: (text) => printed.push(text) },
      line: [],
    })
  expect(await init('init', join(dir, 'second'))).toBe(0)
  expect(printed[0]).toMatch(/^campaign [0-9a-f]{8}, good for a year\n/)
  expect(printed[0]).toContain(join(dir, 'second', 'agent.pem'))
  await expect(init('init', join(dir, 'second'))).rejects.toMatchObject({ code: 'USAGE' })
  await expect(init('init')).rejects.toThrow(/Expected a folder for the campaign/)
  await expect(init('start')).rejects.toMatchObject({ code: 'UNKNOWN_NAME' })
})
