// Clients of a deployment: some ask for a file, then some for a computation, then some for an answer that is waited for. Each
// asks again as soon as it is answered.
import { Agent, get } from 'node:http'
import { endWithParent, nowMs, readArgument, emitResult } from './trace.ts'

/** What is asked for: by how many clients, and for how long, in ms. */
const KINDS = {
  file: { path: '/io/file?kb=10', clients: 8, share: 0.25 },
  compute: { path: '/cpu/prime?n=62499999941', clients: 8, share: 0.4 },
  // While one worker has four of these in hand, the last is answered after four times as long.
  wait: { path: '/io/sleep?ms=50', clients: 4, share: 0.35 },
} as const

const { url, ms } = readArgument({ url: 'http://127.0.0.1:3000', ms: 800 })

endWithParent()
const agent = new Agent({ keepAlive: true })
const figures: Record<string, number> = {}
for (const [kind, { path, clients, share }] of Object.entries(KINDS)) {
  // The first answers of a process take longer.
  await Promise.all(Array.from({ length: clients }, () => ask(path)))
  const startedAt = nowMs()
  let answered = 0
  const client = async (): Promise<void> => {
    while (nowMs() - startedAt < ms * share) {
      await ask(path)
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  figures[`${kind}RatePerS`] = (answered / (nowMs() - startedAt)) * 1000
  figures[`${kind}s`] = answered + clients
}
agent.destroy()
emitResult(figures)

function ask(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(new URL(path, url), { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`Expected 200 from ${path}, got ${response.statusCode}.`))
      response.resume().once('end', resolve)
    }).once('error', reject)
  })
}
