import { once } from 'node:events'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { TimelineWriter } from '../../../store/timeline-file.ts'
import { recordedTimeline } from '../../recorded-timeline.ts'
import { makePlace, type Place } from '../forkwise-process.ts'

let place: Place

beforeAll(() => {
  place = makePlace()
  for (const name of ['old', 'run']) {
    cpSync(join(PACKAGE_ROOT, 'docs/sample/resilience'), join(place.dir, name), { recursive: true })
    rmSync(join(place.dir, name, 'timeline.ndjson'))
  }
  new TimelineWriter(join(place.dir, 'run')).append(recordedTimeline())
})

afterAll(() => {
  const left = place.processes()
  place.remove()
  expect(left).toEqual([])
})

test('without a terminal a run is printed in lines, to its end', async () => {
  const { code, stdout } = await place.run(['watch', 'run', '--text'])
  expect(code).toBe(0)
  expect(stdout).toContain('resilience recorded begins')
  expect(stdout).toContain('kill is injected')
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ {2}0:\d\d {2}The run is over\.$/)
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/\u001B/)
})

test('a run of before there were timelines says what it lacks', async () => {
  const { code, stdout } = await place.run(['watch', 'old', '--text'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('no heartbeats')])
})

test('the page is there until Ctrl-C, then nothing is', async () => {
  const watching = place.start(['watch', 'run'])
  let stderr = ''
  watching.child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  await watching.until('live page: ')
  const address = /live page: (\S+)/.exec(stderr)?.[1] ?? ''
  const [answer] = (await once(http.get(address), 'response')) as [http.IncomingMessage]
  answer.resume()
  expect(answer.statusCode).toBe(303)
  watching.child.kill('SIGINT')
  expect((await watching.ended).code).toBe(0)
  expect(stderr).toContain('Interrupted: what is watched goes on')
  expect(stderr).not.toContain('ending what runs')
  await expect(once(http.get(address), 'response')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('no run, another version, a wrong speed and a port that is taken are reported, and nothing is left', async () => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  cpSync(join(place.dir, 'run'), join(place.dir, 'later'), { recursive: true })
  writeFileSync(join(place.dir, 'later/timeline.ndjson'), '{"kind":"run","schema":"forkwise/timeline@9"}\n')
  const cases = [
    [['watch', '.'], 2, 'which has neither'],
    [['watch', 'nowhere'], 2, 'does not exist'],
    [['watch', 'later'], 2, 'another version of Forkwise'],
    [['watch', 'run', '--speed', '0'], 2, 'above 0'],
    [
      ['watch', 'run', '--text', '--live-port', '4000'],
      2,
      '`--text` without `--live-port`: it is shown in the terminal alone',
    ],
    [['watch', 'run', '--live-port', String(port)], 3, 'to be free for the live page'],
  ] as const
  for (const [words, code, text] of cases) {
    const ended = await place.run(words)
    expect([words, ended.code, ended.stderr]).toEqual([words, code, expect.stringContaining(text)])
  }
  server.close()
})
