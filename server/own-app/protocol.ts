import http from 'node:http'
import type net from 'node:net'
import tls from 'node:tls'
import { ForkwiseError } from '../../core/errors.ts'
import { exitWithStartError } from '../start-error.ts'

/** A server of node:net alone: no app's, but what sees whether a port is free, or something that is not HTTP at all. */
export function isPlainTcp(server: net.Server): boolean {
  return !(server instanceof http.Server || server instanceof tls.Server || 'setTimeout' in server)
}

/** Ensures that a server speaks HTTP/1.1 in the clear, which is what is measured. Throws APP_INVALID. */
export function requireHttp(server: net.Server, file: string): void {
  if (server instanceof tls.Server) {
    throw new ForkwiseError('APP_INVALID', {
      message: `Expected a plain HTTP server of the app ${file} on PORT; it is an HTTPS server, and every model is measured over plain HTTP.`,
      hint: 'Let the app listen with node:http where PORT is set (TLS ends in front of it in most places), or start it yourself and measure it with `forkwise load https://…`.',
    })
  }
  if (server instanceof http.Server) return
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected an HTTP/1.1 server of the app ${file} on PORT; it is a server of node:${'setTimeout' in server ? 'http2' : 'net'}.`,
    hint: 'Let the app listen with node:http where PORT is set, or give its command with `--start`.',
  })
}

/** As {@link requireHttp}, for calls from inside the app, which might take what we throw for its own: ends this process. */
export function requireHttpOrExit(server: net.Server, file: string): void {
  try {
    requireHttp(server, file)
  } catch (thrown) {
    exitWithStartError(thrown)
  }
}
