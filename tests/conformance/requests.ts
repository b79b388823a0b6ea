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
