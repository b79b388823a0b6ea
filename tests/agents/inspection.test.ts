import { hostname } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { inspectAgent } from '../../agents/inspection.ts'
import { BUILD, startAgent, testCampaign } from './campaign.ts'

const campaign = testCampaign()
const signal = new AbortController().signal
afterAll(() => campaign.remove())

test('an agent that is there is described, and is free again afterwards', async () => {
  const { agent, lines } = await startAgent(campaign.agent)
  const side = { identity: campaign.controller, build: BUILD, signal }
  const finding = await inspectAgent({ host: '127.0.0.1', port: agent.port }, side)
  expect(finding.check).toBe(`agent 127.0.0.1:${agent.port}`)
  expect(finding.level).not.toBe('critical')
  expect(finding.found).toContain(`${hostname()}: `)
  expect(finding.found).toMatch(/the same build; round trip [\d.]+ ms, its clock is known to ±[\d.]+ ms/)
  await expect.poll(() => lines.at(-1), { timeout: 15_000 }).toMatch(/is gone$/)
  await agent.close()
})

test('one of another build, and one that is not there, are critical, with what to do', async () => {
  const { agent } = await startAgent(campaign.agent)
  const { port } = agent
  const other = { identity: campaign.controller, build: 'bbbbbbbbbbbbbbbb', signal }
  expect(await inspectAgent({ host: '127.0.0.1', port }, other)).toMatchObject({
    level: 'critical',
    found: expect.stringContaining('another build'),
    remedy: expect.stringContaining('of the same build'),
  })
  await agent.close()
  expect(await inspectAgent({ host: '127.0.0.1', port }, other)).toMatchObject({
    level: 'critical',
    found: expect.stringContaining('nothing listens there'),
  })
})
