import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AgentLink } from '../../agents/agent-link.ts'
import { issueCertificate, makeAuthority } from '../../agents/certificate.ts'
import { Frames, frameOf } from '../../agents/frames.ts'
import { type FromAgent, PROTOCOL } from '../../agents/protocol.ts'
import { BUILD, startAgent, type TestAgent, testCampaign } from './campaign.ts'

const campaign = testCampaign()
const other = testCampaign()
const signal = new AbortController().signal
let target: Server
let asked = 0
let running: TestAgent

beforeAll(async () => {
  target = createServer((_, response) => {
    asked++
    response.end()
  }).listen(0, '127.0.0.1')
  await once(target, 'listening')
})
beforeEach(async () => {
  running = await startAgent(campaign.agent)
})
afterEach(async () => {
  await running.agent.close()
  expect(asked).toBe(0)
})
afterAll(() => {
  target.close()
  campaign.remove()
  other.remove()
})

/** Polling ends what hangs, and says nothing about speed. */
const PATIENTLY = { timeout: 15_000 }

/** A connection over TLS that says what a test wants, with everything that came back once it has ended. */
interface Stranger {
  readonly socket: TLSSocket
  readonly heard: FromAgent[]
  readonly ended: Promise<void>
  heardOf<K extends FromAgent['kind']>(kind: K): Promise<Extract<FromAgent, { readonly kind: K }>>
}

async function stranger(certificate: SecureContextOptions): Promise<Stranger> {
  const socket = connect({ host: '127.0.0.1', port: running.agent.port, rejectUnauthorized: false, ...certificate })
  const heard: FromAgent[] = []
  const waiting: (() => void)[] = []
  const note = (value: unknown): void => {
    heard.push(value as FromAgent)
    for (const wake of waiting.splice(0)) wake()
  }
  void new Frames(socket, 1e6, { message: note, garbage: () => socket.destroy() })
  socket.on('error', () => {})
  const ended = closed(socket)
  await once(socket, 'secureConnect')
  return {
    socket,
    heard,
    ended,
    heardOf: async (kind) => {
      for (;;) {
        const found = heard.find((message) => message.kind === kind)
        if (found !== undefined) return found as never
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

function hello(nonce: string, more: object = {}): object {
  return { kind: 'hello', protocol: PROTOCOL, build: BUILD, nonce, ...more }
}

async function accepted(): Promise<Stranger> {
  const found = await stranger(campaign.controller.tls)
  const { nonce } = await found.heardOf('welcome')
  found.socket.write(frameOf(hello(nonce)))
  await found.heardOf('accepted')
  return found
}

async function controller(build: string = BUILD): Promise<AgentLink> {
  const side = { identity: campaign.controller, build, signal }
  return AgentLink.connect({ host: '127.0.0.1', port: running.agent.port }, side)
}

function refusals(): string[] {
  return running.lines.filter((line) => line.startsWith('refused'))
}

/** A certificate that says it is the controller's, signed by an authority that anybody can make. */
function forged(): SecureContextOptions {
  const organization = campaign.controller.campaign
  const authority = makeAuthority({ name: 'forkwise authority', organization }, 1)
  const { certificatePem, key } = issueCertificate(
    { name: 'forkwise controller', organization },
    'client',
    1,
    authority,
  )
  return { cert: certificatePem, key: key.export({ type: 'pkcs8', format: 'pem' }) }
}

test.each([
  { who: 'without a certificate', certificate: () => ({}), reason: 'it has no certificate' },
  { who: 'with a forged certificate', certificate: forged, reason: 'its certificate is not accepted (' },
  {
    who: 'of another campaign',
    certificate: () => other.controller.tls,
    reason: 'its certificate is of another campaign',
  },
  {
    who: 'with an agent’s certificate',
    certificate: () => campaign.agent.tls,
    reason: 'its certificate is not for a controller',
  },
])('a controller $who is told so in one line, and is not read', async ({ certificate, reason }) => {
  const { socket, ended, heard } = await stranger(certificate())
  socket.write(frameOf(hello('whatever')))
  await ended
  expect(heard).toEqual([{ kind: 'refused', reason: expect.stringContaining(reason) }])
  expect(refusals()).toEqual([expect.stringContaining(reason)])
})

test('a controller refuses an agent of another campaign', async () => {
  const side = { identity: other.controller, build: BUILD, signal }
  await expect(AgentLink.connect({ host: '127.0.0.1', port: running.agent.port }, side)).rejects.toMatchObject({
    code: 'AGENT_UNAVAILABLE',
    message: expect.stringMatching(/its certificate is not of this campaign/),
  })
})

test('a hello that was recorded is refused on another connection', async () => {
  const first = await stranger(campaign.controller.tls)
  const { nonce } = await first.heardOf('welcome')
  const second = await stranger(campaign.controller.tls)
  await second.heardOf('welcome')
  second.socket.write(frameOf(hello(nonce)))
  await second.ended
  expect(second.heard.at(-1)).toMatchObject({
    kind: 'refused',
    reason: 'a hello that was not made for this connection',
  })
  first.socket.destroy()
})

test.each([
  { what: 'a second hello', message: hello('x'), reason: 'a second hello' },
  { what: 'a kind that does not exist', message: { kind: 'run', command: 'rm' }, reason: 'a message that is none' },
  { what: 'a member that does not exist', message: { kind: 'stop', now: true }, reason: 'a message that is none' },
  { what: 'no object', message: ['prepare'], reason: 'a message that is none' },
])('an accepted controller that sends $what is hung up on', async ({ message, reason }) => {
  const { socket, heard, ended } = await accepted()
  socket.write(frameOf(message))
  await ended
  expect(heard.at(-1)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) })
  expect(refusals()).toHaveLength(1)
})

test('what is asked before the hello is refused', async () => {
  const { socket, heard, ended } = await stranger(campaign.controller.tls)
  socket.write(frameOf({ kind: 'ceiling', neededPerS: 1 }))
  await ended
  expect(heard.at(-1)).toMatchObject({ kind: 'refused', reason: 'a message (ceiling) before it had said hello' })
})

test('after a refusal nothing more is taken, also not the right hello', async () => {
  const controller = await stranger(campaign.controller.tls)
  const { socket, heard, ended } = controller
  const { nonce } = await controller.heardOf('welcome')
  socket.write(Buffer.concat([frameOf(hello(nonce, { build: 'b' })), frameOf(hello(nonce))]))
  await ended
  expect(heard.map(({ kind }) => kind)).toEqual(['welcome', 'refused'])
})

test('another build is refused, and both ends name both', async () => {
  await expect(controller('bbbbbbbbbbbbbbbb')).rejects.toMatchObject({
    code: 'AGENT_UNAVAILABLE',
    message: expect.stringMatching(/the controller's is b{16}, this agent's a{16}/),
  })
  expect(refusals()).toEqual([expect.stringMatching(/the controller's is b{16}, this agent's a{16}/)])
})

test('a megabyte of garbage costs one line, over TCP as over TLS', async () => {
  const plain = connectTcp(running.agent.port, '127.0.0.1')
  plain.on('error', () => {})
  plain.write(randomBytes(1e6))
  await closed(plain)
  await expect.poll(refusals, PATIENTLY).toEqual([expect.stringContaining('it does not speak TLS 1.3')])
  const { socket, ended } = await stranger(campaign.controller.tls)
  socket.write(Buffer.concat([Buffer.from([0xff]), randomBytes(1e6)]))
  await ended
  expect(refusals()).toHaveLength(2)
  expect(refusals()[1]).toMatch(/a message of \d+ bytes, more than 4096/)
})

test('too many connections are refused in a line or two, and the controller is served afterwards', async () => {
  const crowd = Array.from({ length: 300 }, () => {
    const socket = connectTcp(running.agent.port, '127.0.0.1')
    socket.on('error', () => {})
    return socket
  })
  await Promise.all(crowd.slice(16).map(async (socket) => closed(socket)))
  for (const socket of crowd) socket.destroy()
  await expect
    .poll(
      async () =>
        controller().then(
          (link) => link.close(),
          () => 'refused',
        ),
      PATIENTLY,
    )
    .toBeUndefined()
  const tooMany = refusals().filter((line) => line.includes('more than 16 connections at once'))
  expect(tooMany.length).toBeGreaterThan(0)
  expect(refusals().length).toBeLessThan(20)
})

test('a second controller waits for its turn', async () => {
  const link = await controller()
  await expect(controller()).rejects.toMatchObject({
    message: expect.stringContaining('another controller is being served'),
  })
  link.close()
  await expect
    .poll(
      async () =>
        controller().then(
          (next) => next.close(),
          () => 'refused',
        ),
      PATIENTLY,
    )
    .toBeUndefined()
})

test('a target that is not allowed is neither asked nor loaded', async () => {
  const link = await controller()
  const foreign = `http://localhost:${(target.address() as AddressInfo).port}`
  const request = { route: 'a', method: 'GET' as const, path: '/', weight: 1, expectStatus: 200 }
  await expect(link.ask({ kind: 'probe', targets: [foreign], request, timeoutS: 5 })).rejects.toMatchObject({
    code: 'AGENT_UNAVAILABLE',
    message: expect.stringContaining(`it refused a load of ${foreign}, which is not among what it may load`),
  })
  const run = link.load(
    [
      {
        targets: [foreign],
        requests: [request],
        load: { kind: 'closed', connections: 1, durationS: 1, timeoutS: 1, seed: 1 },
        closesSilently: false,
        share: { index: 0, of: 1 },
      },
    ],
    () => {},
  )
  await expect(run.ready).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' })
  await expect(run.part).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' })
  expect(refusals()).not.toEqual([])
  link.close()
})

test('who says no hello is hung up on', async () => {
  await running.agent.close()
  running = await startAgent(campaign.agent, { helloMs: 200 })
  const { ended, heard } = await stranger(campaign.controller.tls)
  await ended
  expect(heard.at(-1)).toMatchObject({ kind: 'refused', reason: 'no hello within 0.2 s' })
})

test('a controller that falls silent is hung up on', async () => {
  await running.agent.close()
  running = await startAgent(campaign.agent, { silenceMs: 300 })
  const { ended } = await accepted()
  await ended
  expect(running.lines).toContain('nothing heard of the controller for 0.3 s: everything is ended')
})

test('nothing listens there', async () => {
  const { port } = running.agent
  await running.agent.close()
  const side = { identity: campaign.controller, build: BUILD, signal }
  await expect(AgentLink.connect({ host: '127.0.0.1', port }, side)).rejects.toMatchObject({
    code: 'AGENT_UNAVAILABLE',
    message: expect.stringContaining('nothing listens there'),
  })
  running = await startAgent(campaign.agent)
})

test('a port that is taken is said to be', async () => {
  await expect(startAgent(campaign.agent, { port: running.agent.port })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
})
