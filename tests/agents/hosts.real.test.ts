import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadRecord, OpenLoad } from '../../core/load.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { planArrivals, shareOf } from '../../loadtest/drivers/schedule.ts'
import { describeWith, missingParts } from '../parts.ts'
import { testCampaign } from './campaign.ts'
import { HOST_PARTS, type HostProgram, Hosts, mayDelay, mayMakeHosts } from './hosts.ts'

/** How far the clock of the second generator is ahead. */
const AHEAD_S = 3600
const PORT = 8080
const SEED = 11

const isPermitted = missingParts(HOST_PARTS).length > 0 || mayMakeHosts()

// What a kernel or its owner does not allow can be installed by nobody, and is skipped by name also where every part is required.
if (isPermitted) describeWith(HOST_PARTS, 'agents on other hosts', onHosts)
else describe.skip('agents on other hosts [needs the right to make network namespaces: run the tests as root]', onHosts)

function onHosts(): void {
  const campaign = testCampaign()
  const identity = join(campaign.dir, 'controller.pem')
  let hosts: Hosts
  let server: HostProgram
  let first: HostProgram
  let second: HostProgram
  /** What the first load said its starts were apart at most, and how late it sent at worst. */
  let boundMs = Number.NaN
  let latestMs = Number.NaN

  beforeAll(async () => {
    hosts = Hosts.make(['ctl', 'srv', 'gen1', 'gen2'])
    server = hosts.node('srv', [
      join(PACKAGE_ROOT, 'tests/fixtures/servers/arrivals.mjs'),
      hosts.address('srv'),
      String(PORT),
    ])
    const agent = (name: string, aheadS?: number): HostProgram =>
      hosts.forkwise(
        name,
        [
          'agent',
          '--identity',
          join(campaign.dir, 'agent.pem'),
          '--listen',
          hosts.address(name),
          '--allow',
          `http://${hosts.address('srv')}:${PORT}`,
        ],
        aheadS,
      )
    first = agent('gen1')
    second = agent('gen2', AHEAD_S)
    await Promise.all([server.line(/^ready/), first.line(/^ready/), second.line(/^ready/)])
  })
  afterAll(() => {
    hosts.remove()
    campaign.remove()
  })

  function load(from: string, agents: readonly string[], more: readonly string[], path: string = '/'): HostProgram {
    const addresses = agents.map((name) => hosts.address(name)).join(',')
    const url = `http://${hosts.address('srv')}:${PORT}${path}`
    return hosts.forkwise(from, ['load', url, '--agents', addresses, '--identity', identity, '--json', ...more])
  }

  async function recordOf({ ended, lines }: HostProgram): Promise<LoadRecord> {
    expect(await ended, lines.join('\n')).toBe(0)
    return JSON.parse(lines.find((line) => line.startsWith('{')) ?? '') as LoadRecord
  }

  test('a load from two hosts whose clocks are an hour apart begins together, and is whole', async () => {
    const record = await recordOf(
      load('ctl', ['gen1', 'gen2'], ['--rate', '200', '-d', '2s', '--seed', String(SEED), '--arrivals', 'constant']),
    )
    expect(record).toMatchObject({ scheduled: 400, ok: 400, generator: { processes: 2 } })
    const { agents = [], startSkewBoundMs = Number.NaN, startSkewMs = Number.NaN } = record.agents ?? {}
    expect(agents.map(({ address }) => address)).toEqual(['gen1', 'gen2'].map((name) => `${hosts.address(name)}:7420`))
    expect(agents.reduce((sum, { sent }) => sum + sent, 0)).toBe(400)
    expect(startSkewMs).toBeLessThanOrEqual(startSkewBoundMs)
    boundMs = startSkewBoundMs
    latestMs = record.latenessMs?.max ?? Number.NaN
  })

  const far = 'a server that is 20 ms away is told with the network and without it'
  const delayTest = mayDelay() ? test : test.skip
  delayTest(mayDelay() ? far : `${far} [needs the kernel module sch_netem: modprobe sch_netem]`, async () => {
    hosts.delay('srv', ['20ms', '5ms'])
    const record = await recordOf(load('ctl', ['gen1', 'gen2'], ['--connections', '4', '-d', '1s']))
    hosts.delay('srv', null)
    const { agents = [], latencyWithoutNetworkMs } = record.agents ?? {}
    for (const { network } of agents) expect(network?.roundTripMs).toBeGreaterThan(10)
    expect(record.latencyMs.p50).toBeGreaterThan(15)
    const lessMs = (record.latencyMs.p50 ?? 0) - (latencyWithoutNetworkMs?.p50 ?? 0)
    expect(lessMs).toBeGreaterThan(10)
  })

  test('a target that the agents were not allowed is refused in a line, and nothing is sent', async () => {
    const { ended, lines } = hosts.forkwise('ctl', [
      'load',
      `http://${hosts.address('ctl')}:${PORT}/`,
      '--agents',
      hosts.address('gen1'),
      '--identity',
      identity,
      '--rate',
      '10',
    ])
    expect(await ended).toBe(3)
    expect(lines.filter((line) => line.includes('which is not among what it may load'))).toHaveLength(1)
    expect(first.lines.filter((line) => line.startsWith('refused'))).toHaveLength(1)
  })

  test('a frozen agent voids a load, and an agent that has lost its controller ends all that it does', async () => {
    const before = [first, second].map(({ lines }) => lines.filter((line) => line.startsWith('loading')).length) as [
      number,
      number,
    ]
    const cut = load('ctl', ['gen1'], ['--rate', '50', '-d', '10m'])
    const frozen = load('srv', ['gen2'], ['--rate', '50', '-d', '10m'])
    const loads = ({ lines }: HostProgram): number => lines.filter((line) => line.startsWith('loading')).length
    await expect.poll(() => [loads(first), loads(second)]).toEqual([before[0] + 1, before[1] + 1])
    await expect.poll(() => hosts.pids('gen1').length).toBeGreaterThan(1)
    hosts.unplug('ctl')
    for (const pid of hosts.pids('gen2')) process.kill(pid, 'SIGSTOP')
    expect(await frozen.ended).toBe(4)
    expect(frozen.lines.join('\n')).toContain(`Agent ${hosts.address('gen2')}:7420`)
    await first.line(/^nothing heard of the controller for 10 s/)
    await expect.poll(() => hosts.pids('gen1').length).toBe(1)
    await cut.ended
    expect(cut.lines.join('\n')).toContain(`Agent ${hosts.address('gen1')}:7420`)
  })

  test('clocks were read as exactly as was said: the server saw both begin at the same time', async () => {
    server.child.kill('SIGTERM')
    const arrived = JSON.parse(await server.line(/^\{/)) as Record<string, number[]>
    const load: OpenLoad = {
      kind: 'open',
      ratePerS: 200,
      arrivals: 'constant',
      durationS: 2,
      timeoutS: 5,
      seed: SEED,
      maxConnections: 1000,
    }
    const whole = planArrivals(load, [{ weight: 1 }])
    const startsMs = ['gen1', 'gen2'].map((name, index) => {
      const { instantsMs } = shareOf(whole, { index, of: 2 }, SEED)
      // The first request asked whether the server was there.
      const times = arrived[hosts.address(name)]?.slice(1) ?? []
      return Math.min(...Array.from(instantsMs, (instant, i) => (times[i] ?? Number.POSITIVE_INFINITY) - instant))
    })
    const apartMs = Math.abs((startsMs[0] ?? Number.NaN) - (startsMs[1] ?? Number.NaN))
    // On a busy machine even the quickest of some 200 requests of a host may have been sent late.
    expect(apartMs).toBeLessThan(boundMs + latestMs + 20)
  })
}
