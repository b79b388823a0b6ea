// A worker of the home-made pool: takes jobs until it gets the poison pill, which it passes on as its last result.
import { parentPort } from 'node:worker_threads'
import { doJob, type Job } from './pool-jobs.ts'

const send = (message: unknown): unknown =>
  parentPort === null ? process.send?.(message) : parentPort.postMessage(message)
const inbox = parentPort ?? process

inbox.on('message', (job: Job | 'pill') => void take(job))
send({ take: true })

async function take(job: Job | 'pill'): Promise<void> {
  if (job === 'pill') {
    send({ ended: true })
    return parentPort === null ? process.disconnect() : parentPort.close()
  }
  send({ id: job.id, prime: await doJob(job) })
  send({ take: true })
}
