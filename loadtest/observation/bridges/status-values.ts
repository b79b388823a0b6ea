import { connect, type Socket } from 'node:net'
import type { MetricValue } from '../../../core/exposition.ts'
import { haproxyValues } from './haproxy.ts'
import { nginxValues } from './nginx.ts'
import { redisValues } from './redis.ts'
import { uwsgiValues } from './uwsgi.ts'

/** Longest wait for a status, in milliseconds: within the limit of the reading that asks for it. */
const LIMIT_MS = 700

/** One way of asking a foreign server how it is. */
interface Dialect {
  /** Sent once connected; a server that speaks first is asked nothing. */
  readonly question: string
  /** True when the answer so far is all there will be; a server that hangs up needs none. */
  isComplete(answer: string): boolean
  values(answer: string): MetricValue[]
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  nginx: {
    question: 'GET / HTTP/1.0\r\n\r\n',
    isComplete: () => false,
    values: nginxValues,
  },
  haproxy: { question: 'show stat\n', isComplete: () => false, values: haproxyValues },
  uwsgi: { question: '', isComplete: () => false, values: uwsgiValues },
  redis: { question: 'INFO clients\r\n', isComplete: (answer) => answer.endsWith('\r\n\r\n'), values: redisValues },
}

/**
 * What a server reports about itself at an address like `nginx+unix:/run/status.sock` or `redis+tcp://127.0.0.1:6379`, as
 * metrics. Empty when it does not answer in time or nobody knows its dialect: what /proc reports remains.
 */
export async function statusValues(statusUrl: string): Promise<MetricValue[]> {
  const [, server = '', where = ''] = /^(\w+)\+(.+)$/.exec(statusUrl) ?? []
  const dialect = DIALECTS[server]
  if (dialect === undefined) return []
  try {
    return dialect.values(await answerOf(connectTo(where), dialect))
  } catch {
    return []
  }
}

function connectTo(where: string): Socket {
  if (where.startsWith('unix:')) return connect(where.slice('unix:'.length))
  const { hostname, port } = new URL(where)
  return connect(Number(port), hostname)
}

function answerOf(socket: Socket, dialect: Dialect): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const deadline = setTimeout(() => socket.destroy(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS)
    socket.setEncoding('utf8')
    socket.once('connect', () => void (dialect.question === '' ? undefined : socket.write(dialect.question)))
    socket.on('data', (text: string) => {
      answer += text
      if (dialect.isComplete(answer)) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(deadline)
      resolve(answer)
    })
  })
}
