import http from 'node:http'

/** Longest wait for a target, as Prometheus has it too; in milliseconds. */
export const SCRAPE_TIMEOUT_MS = 900

/** Time between two readings of a target, in milliseconds. */
export const SCRAPE_INTERVAL_MS = 1000

/** Largest text taken from a target, in bytes. */
const LIMIT_BYTES = 8 * 2 ** 20

/** Reads the metrics at an address; rejects when it does not answer with 200 within {@link SCRAPE_TIMEOUT_MS}. */
export function scrape(url: URL, agent: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, timeout: SCRAPE_TIMEOUT_MS, headers: { accept: 'text/plain' } })
    const deadline = setTimeout(
      () => request.destroy(new Error(`no answer within ${SCRAPE_TIMEOUT_MS} ms`)),
      SCRAPE_TIMEOUT_MS,
    )
    request.once('close', () => clearTimeout(deadline))
    request.once('error', reject)
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      let lengthBytes = 0
      response.on('data', (chunk: Buffer) => {
        lengthBytes += chunk.length
        if (lengthBytes > LIMIT_BYTES) request.destroy(new Error(`more than ${LIMIT_BYTES} bytes of metrics`))
        else chunks.push(chunk)
      })
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'))
        else reject(new Error(`status ${response.statusCode}`))
      })
    })
  })
}
