import { describe, expect, test } from 'vitest'
import { type Caller, Gate } from '../../live/gate.ts'

const HOST = '127.0.0.1:4000'
const gate = new Gate(HOST)
const token = new URL(gate.address).searchParams.get('token') ?? ''
const cookie = `other=1; forkwise-live-4000=${token}`

function ask(url: string, headers: Caller['headers'] = {}, method: string = 'GET'): ReturnType<Gate['admit']> {
  return gate.admit({ method, url, headers: { host: HOST, ...headers } })
}

test('the address that is printed gives a cookie, and the cookie lets in', () => {
  const { pathname, search } = new URL(gate.address)
  expect(ask(pathname + search)).toEqual({
    kind: 'exchange',
    cookie: `forkwise-live-4000=${token}; HttpOnly; SameSite=Strict; Path=/`,
  })
  expect(ask('/events?x=1', { cookie })).toEqual({ kind: 'serve', path: '/events' })
  expect(ask('/', { cookie, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }).kind).toBe('serve')
})

test('tokens are long, and no two are alike', () => {
  expect(token.length).toBeGreaterThanOrEqual(32)
  expect(new Gate(HOST).address).not.toBe(gate.address)
})

describe('nobody else is let in', () => {
  test.each([
    ['no token and no cookie', '/', {}],
    ['a wrong token', '/?token=guess', {}],
    ['the token at another path', `/events?token=${token}`, {}],
    ['the token in a Referer', '/events', { referer: gate.address }],
    ['a wrong cookie', '/events', { cookie: 'forkwise-live-4000=guess' }],
    ['the cookie of another port', '/events', { cookie: `forkwise-live-4001=${token}` }],
    ['a name that points here', '/events', { cookie, host: 'evil.example:4000' }],
    ['another port', '/events', { cookie, host: '127.0.0.1:4001' }],
    ['no host', '/events', { cookie, host: undefined }],
    ['another origin', '/events', { cookie, origin: 'http://127.0.0.1:3000' }],
    ['an origin that is hidden', '/events', { cookie, origin: 'null' }],
    [
      'a picture or script of another port',
      '/live/page/main.js',
      { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    ],
    [
      'a frame in another site',
      '/',
      { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
  ])('%s', (_, url, headers) => {
    const reason: unknown = expect.stringContaining('Open the address that the command printed')
    expect(ask(url, headers)).toMatchObject({ kind: 'refuse', status: 403, reason })
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s changes nothing', (method) => {
    expect(ask('/', { cookie }, method)).toMatchObject({ kind: 'refuse', status: 405 })
  })

  test('what is no path is refused', () => {
    expect(ask('http://127.0.0.1:4000/', { cookie })).toMatchObject({ kind: 'refuse', status: 400 })
  })
})

test('a link to the page from elsewhere is followed', () => {
  const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect(ask(`/?token=${token}`, followed).kind).toBe('exchange')
})
