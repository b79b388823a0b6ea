import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

// Without unitd: the modules that a process of NGINX Unit loads, over a server that is Unit's in what it has and lacks.
test('the app loads and serves when Node’s HTTP server is exchanged for Unit’s, and leaves when Unit says so', async () => {
  const script = new URL('../fixtures/servers/unit-http-process.mjs', import.meta.url).pathname
  const env = { ...process.env, FORKWISE_LAUNCH_DIR: '', FORKWISE_METRICS: 'on', PORT: '0' }
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  expect(code).toBe(0)
  const line = said.split('\n').find((text) => text.startsWith('{')) ?? '{}'
  expect(JSON.parse(line)).toEqual({
    sameForRequire: true,
    address: null,
    answers: {
      '/cpu/prime?n=97': { status: 200, bytes: 23 },
      '/io/file?kb=1': { status: 200, bytes: 1024 },
      '/nowhere': { status: 404, bytes: expect.any(Number) as number },
    },
  })
})
