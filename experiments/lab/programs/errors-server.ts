// A server whose handler goes wrong as its request says; run by node:cluster or by PM2.
import { createServer } from 'node:http'
import { fail, type Fault } from './errors-fault.ts'

createServer((request, response) => {
  if (request.url === '/') response.end('well')
  else return fail((request.url ?? '').slice(1) as Fault)
}).listen(Number(process.env['PORT'] ?? 0), '127.0.0.1')
