// A client with many jobs at once. A server that answers with the result makes each of them wait; one that answers 202 takes
// the job, names a place for its result, and is asked there again and again.
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithParent, nowMs, readArgument, emit, emitResult } from './trace.ts'

/** Pause between two looks for results, in ms. */
const POLL_MS = 10
/** Results that are asked for at a time: of those jobs that were accepted first. */
const ASKED_AT_ONCE = 3

interface Answer {
  readonly status: number
  /** Where the result will be. */
  readonly location: string
}

interface Job {
  readonly id: number
  readonly place: string
}

const { url, path, jobs, warmUp } = readArgument({
  url: 'http://127.0.0.1:3000',
  path: '/cpu/prime?n=9999999999971',
  jobs: 30,
  warmUp: true,
})

endWithParent()
const agent = new Agent({ keepAlive: true })
// The first request of a connection and of a program takes longer.
if (warmUp) await ask('/cpu/prime?n=7')

const acceptMs: number[] = []
const resultMs: number[] = []
/** Jobs that were accepted and whose result is not here, oldest first. */
const open: Job[] = []
const startedAt = nowMs()
const sent = Promise.all(Array.from({ length: jobs }, (_, id) => submit(id)))
while (acceptMs.length < jobs || open.length > 0) {
  await Promise.all(open.slice(0, ASKED_AT_ONCE).map(look))
  await sleep(POLL_MS)
}
await sent
agent.destroy()
emitResult({
  acceptAllMs: Math.max(...acceptMs),
  resultMs: median(resultMs),
  allMs: Math.max(...resultMs),
})

/** Hands a job in; it is accepted once there is an answer, of whatever kind. */
async function submit(id: number): Promise<void> {
  const { status, location } = await ask(path)
  const ms = nowMs() - startedAt
  acceptMs.push(ms)
  emit(`${id}`, 'accepted', { ms })
  if (status === 202) open.push({ id, place: location })
  else if (status === 200) finish(id)
  else throw new Error(`Expected 200 or 202 for a job, got ${status}.`)
}

/** Asks whether the result of a job is there. */
async function look(job: Job): Promise<void> {
  const { status } = await ask(job.place)
  if (status === 202) return
  if (status !== 200) throw new Error(`Expected the result of job ${job.id}, got ${status}.`)
  open.splice(open.indexOf(job), 1)
  finish(job.id)
}

function finish(id: number): void {
  const ms = nowMs() - startedAt
  resultMs.push(ms)
  emit(`${id}`, 'finished', { ms })
}

function ask(target: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(new URL(target, url), { agent }, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' })
      })
    }).once('error', reject)
  })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
