import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type MetricValue, renderLabels } from '../../../../core/exposition.ts'
import { haproxyValues } from '../../../../loadtest/observation/bridges/haproxy.ts'
import { nginxValues } from '../../../../loadtest/observation/bridges/nginx.ts'
import { redisValues } from '../../../../loadtest/observation/bridges/redis.ts'
import { statusValues } from '../../../../loadtest/observation/bridges/status-values.ts'
import { uwsgiValues } from '../../../../loadtest/observation/bridges/uwsgi.ts'
import { processValues } from '../../../../loadtest/observation/process-values.ts'

function byName(values: readonly MetricValue[]): Record<string, number> {
  return Object.fromEntries(
    values.map(({ spec, labels = {}, value }) => [`${spec.name}${renderLabels(labels)}`, value]),
  )
}

const NGINX_PAGE = `Active connections: 33 \nserver accepts handled requests\n 40 40 2000 \nReading: 1 Writing: 5 Waiting: 27 \n`
const HAPROXY_STAT = [
  '# pxname,svname,qcur,qmax,scur,smax,slim,stot,',
  'clients,FRONTEND,,,31,32,8192,40,',
  'app,worker-1,0,1,2,9,,900,',
  'app,worker-2,1,2,3,9,,1100,',
  'app,BACKEND,1,2,5,18,819,2000,',
  '',
].join('\n')
const REDIS_INFO = '$98\r\n# Clients\r\nconnected_clients:7\r\ncluster_connections:0\r\nmaxclients:10000\r\n\r\n'
const UWSGI_STATS = JSON.stringify({
  version: '2.0.21-debian',
  workers: [
    { id: 1, accepting: 1, status: 'busy', harakiri_count: 2, cores: [{ in_request: 1 }, { in_request: 0 }] },
    { id: 2, accepting: 0, status: 'idle', harakiri_count: 0, cores: [{ in_request: 0 }] },
    { id: 3, accepting: 0, status: 'cheap', harakiri_count: 0 },
  ],
})

describe('what foreign servers say, as metrics', () => {
  test('NGINX: connections and requests in progress, without our own', () => {
    expect(byName(nginxValues(NGINX_PAGE))).toEqual({
      http_server_open_connections: 32,
      http_server_active_requests: 5,
    })
  })

  test('HAProxy: connections of clients, requests that are with a process or wait for one', () => {
    expect(byName(haproxyValues(HAPROXY_STAT))).toEqual({
      http_server_open_connections: 31,
      http_server_active_requests: 6,
    })
  })

  test('Redis: clients, without ourselves', () => {
    expect(byName(redisValues(REDIS_INFO))).toEqual({ http_server_open_connections: 6 })
  })

  test('uWSGI: workers that are wanted and ready, those it killed, requests in progress', () => {
    expect(byName(uwsgiValues(UWSGI_STATS))).toEqual({
      server_workers_desired: 2,
      'server_workers{state="ready"}': 1,
      'server_workers{state="boot"}': 1,
      'server_worker_restarts_total{reason="stuck"}': 2,
      http_server_active_requests: 1,
    })
  })

  test.each(['', '404 Not Found', '{"workers":3}', 'Active connections: x'])('nothing for %s', (text) => {
    expect([...haproxyValues(text), ...nginxValues(text), ...redisValues(text), ...uwsgiValues(text)]).toEqual([])
  })
})

describe('statusValues', () => {
  let dir: string
  let servers: Server[]
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fw-br-'))
    servers = []
    // A machine that is busy takes longer than a server may.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
    for (const server of servers) server.close()
    rmSync(dir, { recursive: true })
  })

  /** A server that talks to whoever connects; gives its address. */
  async function serve(talk: (socket: Socket) => void, path?: string): Promise<string> {
    const server = createServer(talk)
    servers.push(server)
    await new Promise<void>((resolve) => {
      if (path === undefined) server.listen(0, '127.0.0.1', resolve)
      else server.listen(path, resolve)
    })
    return path === undefined ? `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`
  }

  test('asks NGINX over HTTP on a unix socket', async () => {
    const where = await serve(
      (socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${NGINX_PAGE}`)),
      join(dir, 's'),
    )
    expect(byName(await statusValues(`nginx+${where}`))).toMatchObject({ http_server_open_connections: 32 })
  })

  test('listens to uWSGI, which speaks first and hangs up', async () => {
    const where = await serve((socket) => socket.end(UWSGI_STATS), join(dir, 's'))
    expect(byName(await statusValues(`uwsgi+${where}`))).toMatchObject({ server_workers_desired: 2 })
  })

  test('asks Redis, which keeps the connection, in one question', async () => {
    const where = await serve((socket) => socket.once('data', () => socket.write(REDIS_INFO)))
    expect(byName(await statusValues(`redis+${where}`))).toEqual({ http_server_open_connections: 6 })
  })

  test('has nothing to say of a server that is silent, gone or unknown', async () => {
    const silent = await serve(() => vi.advanceTimersByTime(60_000))
    expect(await statusValues(`redis+${silent}`)).toEqual([])
    expect(await statusValues(`nginx+unix:${join(dir, 'nobody')}`)).toEqual([])
    expect(await statusValues('caddy+tcp://127.0.0.1:1')).toEqual([])
    expect(await statusValues('nonsense')).toEqual([])
  })
})

describe('processValues', () => {
  test('adds up a process and its children, but for those that speak for themselves', async () => {
    const program = `require('child_process').spawn(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'inherit', 'ignore'] })`
    const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const child = Number(line.toString())
    try {
      const pid = parent.pid ?? 0
      const [all, alone, below] = await Promise.all([
        processValues(pid),
        processValues(pid, new Set([child])),
        processValues(child),
      ])
      const memory = (values: MetricValue[]): number => byName(values)['process_resident_memory_bytes'] ?? 0
      expect(memory(alone)).toBeGreaterThan(1e6)
      expect(memory(below)).toBeGreaterThan(1e6)
      expect(memory(all)).toBeGreaterThan(1.2 * Math.max(memory(alone), memory(below)))
    } finally {
      process.kill(child, 'SIGKILL')
      parent.kill('SIGKILL')
    }
  })

  test('is nothing for a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    expect(await processValues(child.pid ?? 0)).toEqual([])
  })
})
