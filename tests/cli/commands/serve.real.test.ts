import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partTest } from '../../parts.ts'
import { makePlace, type Place, type Started } from '../forkwise-process.ts'

let place: Place
let serving: Started

beforeEach(() => {
  place = makePlace()
})

afterEach(async () => {
  serving.child.kill('SIGINT')
  await serving.ended
  expect(place.processes()).toEqual([])
  place.remove()
})

/** Serves a model, kills its last worker, waits for a text, asks for an answer, and ends it. */
async function withoutLastWorker(model: string, text: string | RegExp): Promise<void> {
  serving = place.start(['serve', model, '--workers', '2', '--port', '0'])
  let said = ''
  for (const stream of [serving.child.stdout, serving.child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  }
  await serving.until('ready http')
  await expect.poll(() => said.match(/\(worker, pid \d+\)/g)?.length ?? 0).toBeGreaterThanOrEqual(2)
  const pids = [...said.matchAll(/\(worker, pid (\d+)\)/g)].map(([, pid]) => Number(pid))
  process.kill(pids.at(-1) ?? 0, 'SIGKILL')
  await expect.poll(() => said).toMatch(text)
  const [, target = ''] = /ready (http\S+)/.exec(said) ?? []
  // The proxies hand on one request in two to nobody, which is what that arrangement does.
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await fetch(new URL('/cpu/prime?n=97', target))).status)
  expect(statuses).toContain(200)
  serving.child.kill('SIGINT')
  expect(await serving.ended).toMatchObject({ code: 0 })
}

describe('a server that loses a worker', () => {
  const GOES_ON =
    /worker-\d` was ended by SIGKILL: nothing starts another under [\w-]+, and the server goes on without it/

  partTest(['nginx'], 'goes on behind NGINX', () => withoutLastWorker('nginx-fork', GOES_ON))
  partTest(['haproxy'], 'goes on behind HAProxy', () => withoutLastWorker('haproxy-fork', GOES_ON))
  partTest(['redis-server'], 'goes on behind a queue', () => withoutLastWorker('task-queue-reply', GOES_ON))

  test('goes on with the one that replaces it, at the address that is told', () =>
    withoutLastWorker('cluster', /worker-\d \(pid \d+\) is in service at http:\/\/127\.0\.0\.1:\d+, metrics at http/))

  test('ends when it was the only one', async () => {
    serving = place.start(['serve', 'single', '--port', '0'])
    await serving.until('ready http')
    const { stderr } = serving.child
    const pid = await new Promise<number>((resolve) => {
      let said = ''
      stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /\(worker, pid (\d+)\)/.exec(said)
        if (found !== null) resolve(Number(found[1]))
      })
    })
    process.kill(pid, 'SIGKILL')
    expect(await serving.ended).toMatchObject({ code: 4, stderr: expect.stringContaining('was ended by SIGKILL') })
  })
})
