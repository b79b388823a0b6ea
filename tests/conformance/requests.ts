import http from 'node:http'

/** Sends one GET on a connection of its own and gives the status, or the error's code. */
export function ask(url: URL): Promise<number | string> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false })
    request.once('response', (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
      response.once('error', (error) => resolve(error.message))
    })
    request.once('error', (error) => resolve(error.message))
  })
}

/** Sends many, each on a connection of its own, some at once, to the targets in turn; gives what came of each. */
export async function askMany(
  targets: readonly URL[],
  path: string,
  { requests, atOnce }: { readonly requests: number; readonly atOnce: number },
): Promise<(number | string)[]> {
  const outcomes: (number | string)[] = []
  let next = 0
  const oneAfterAnother = async (): Promise<void> => {
    while (next < requests) {
      const index = next++
      const target = targets[index % targets.length]
      if (target) outcomes[index] = await ask(new URL(path, target))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterAnother))
  return outcomes
}

/**
 * Eight clients with kept connections that ask one request after the other, of the targets in turn, until `enough` says
 * so (it gets the number of answers). Gives what went wrong: statuses other than 200, errors, and answers that did not
 * come within a minute.
 */
export async function askUntil(
  targets: readonly URL[],
  path: string,
  enough: (answered: number) => Promise<boolean> | boolean,
): Promise<string[]> {
  const agent = new http.Agent({ keepAlive: true })
  const wrong: string[] = []
  const over = new AbortController()
  let sent = 0
  let answered = 0
  const askOnce = (): Promise<void> =>
    new Promise((resolve) => {
      const url = new URL(path, targets[sent++ % targets.length])
      const request = http.get(url, { agent, signal: AbortSignal.timeout(60_000) }, (response) => {
        response.resume()
        response.once('close', resolve)
        response.once('end', () => {
          answered += 1
          if (response.statusCode !== 200) wrong.push(String(response.statusCode))
        })
      })
      request.once('error', (error) => {
        wrong.push(error.message)
        resolve()
      })
    })
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) await askOnce()
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  try {
    while (!(await enough(answered))) await new Promise((resolve) => setTimeout(resolve, 30))
  } finally {
    over.abort()
    await clients
    agent.destroy()
  }
  return wrong
}
