import { readFileSync } from 'node:fs'
import http from 'node:http'

/*
 * A program: a small shop that takes it easily when its port is taken. It says so in its log, tries again, and lives on.
 * `node shop.js RELEASE_FILE RETRY_MS` with PORT and HOST; the file holds the number of the release, read once.
 */

const [releaseFile = '', retryMs = '1000'] = process.argv.slice(2)
const { PORT = '0', HOST = '127.0.0.1' } = process.env
const release = Number(readFileSync(releaseFile, 'utf8'))

const server = http.createServer((request, response) => {
  const known = request.url === '/' || (request.url === '/new' && release >= 2)
  const body = JSON.stringify(known ? { release } : { error: 'There is no such page.' })
  response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json', 'X-Release': String(release) })
  response.end(body)
})
server.on('error', (error) => {
  process.stderr.write(`release ${release}: ${error.message}; trying again\n`)
  setTimeout(listen, Number(retryMs))
})
listen()

function listen(): void {
  server.listen(Number(PORT), HOST)
}
