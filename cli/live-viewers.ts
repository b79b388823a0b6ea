import http from 'node:http'

/*
 * A program: opens the stream of a live page COUNT times and reads all of it, as that many browsers would.
 * `node live-viewers.js ADDRESS COUNT`; says `ready` once every one has had something.
 */

const [address = '', count = '0'] = process.argv.slice(2)
const page = new URL(address)
let waiting = Number(count)

http.get(page, (exchange) => {
  const cookie = exchange.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  exchange.resume()
  for (let viewer = 0; viewer < Number(count); viewer++) view(cookie)
})

function view(cookie: string): void {
  http.get(new URL('/events', page), { headers: { cookie }, agent: false }, (stream) => {
    stream.once('data', () => {
      waiting -= 1
      if (waiting === 0) process.stdout.write('ready\n')
    })
    stream.resume()
    stream.on('error', () => undefined)
  })
}
