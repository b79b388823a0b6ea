import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { EXPOSITION_CONTENT_TYPE } from '../../core/exposition.ts'

/** A server of metrics on 127.0.0.1. */
export interface ExpositionServer {
  readonly url: URL
  close(): Promise<void>
}

/** Serves what `read` gives for a path, 404 with the reason where it rejects. Does not keep the process alive. */
export async function serveExposition(read: (path: string) => Promise<string>): Promise<ExpositionServer> {
  const server = http.createServer((request, response) => {
    void answer(read, request.url ?? '/', response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  read: (path: string) => Promise<string>,
  path: string,
  response: http.ServerResponse,
): Promise<void> {
  try {
    const text = await read(path)
    response.writeHead(200, { 'content-type': EXPOSITION_CONTENT_TYPE }).end(text)
  } catch (thrown) {
    response.writeHead(404).end(String(thrown))
  }
}
