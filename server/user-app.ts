import { existsSync } from 'node:fs'
import http from 'node:http'
import { pathToFileURL } from 'node:url'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { definedHandlers } from './defined-handlers.ts'
import { captureListening, type Capture } from './listen-capture.ts'

/** Names under which a module may export its app, in the order in which they are looked for. */
const NAMES = ['createApp', 'default', 'app', 'handler', 'server'] as const

const EXPECTED =
  'an Express app, a request listener, an http.Server, or a function `createApp` that returns one of them'

const HINT = 'Export it as the default, or as `app`, `handler`, `server` or `createApp`; CommonJS and ESM both work.'

/** How long a module that exports nothing may take until it calls `listen`, in ms. */
const LISTEN_WAIT_MS = 2_000

/**
 * Loads the user's app and returns an HTTP server for it that does not listen yet. When the module calls `listen` itself,
 * the call is held back and that server is taken. Throws APP_INVALID, its cause the user's own error: there is no such
 * file, it throws while it loads, or it exports nothing usable (the message says what was found).
 */
export async function loadUserApp(file: string): Promise<http.Server> {
  const capture = captureListening()
  const found = await appOf(await importApp(file), file)
  const server = await serverOf(found, capture)
  if (server === null) {
    throw new ForkwiseError('APP_INVALID', {
      message: `Expected the app module ${file} to export ${EXPECTED}; found ${describeFound(found)}.`,
      hint: HINT,
    })
  }
  capture.release(server)
  return server
}

/** Ensures that the app of this thread defines handlers, without which a pool has nothing to do. Throws APP_INVALID. */
export function requireHandlers(file: string, executor: string): void {
  if (definedHandlers().handlers.size > 0) return
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected the app module ${file} to define handlers for the executor ${executor}; it defines none.`,
    hint: 'Wrap what computes in `defineHandler` of forkwise/server, and call the function it returns in your routes.',
  })
}

/** Imports the module whose handlers a pool's thread or process runs. Throws APP_INVALID like {@link loadUserApp}. */
export async function importApp(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file)) {
    throw new ForkwiseError('APP_INVALID', {
      message: `Expected the app module ${file} to exist; there is no such file.`,
    })
  }
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (thrown) {
    throw new ForkwiseError(
      'APP_INVALID',
      { message: `The app module ${file} threw while it was loaded: ${messageOf(thrown)}` },
      { cause: thrown },
    )
  }
}

/** What a module exports: the value that should be the app and the name it has, or all names when none is known. */
type Found = { readonly app: unknown; readonly name: string } | { readonly names: readonly string[] }

async function appOf(module: Readonly<Record<string, unknown>>, file: string): Promise<Found> {
  const exported = flattened(module)
  const name = NAMES.find((name) => exported[name] !== undefined)
  if (name === undefined) return { names: Object.keys(exported) }
  const value = exported[name]
  if (name !== 'createApp' || typeof value !== 'function') return { app: value, name }
  return { app: await callCreateApp(value, file), name: 'createApp()' }
}

/** A server that the module exports or lets listen comes before a listener, since it may handle more than requests. */
async function serverOf(found: Found, capture: Capture): Promise<http.Server | null> {
  const app = 'app' in found ? found.app : undefined
  if (app instanceof http.Server) return app
  if (capture.servers[0]) return capture.servers[0]
  if (isListener(app)) return http.createServer(app)
  return capturedServer(capture)
}

/** CommonJS as `import` shows it: `module.exports` is the default, and its members are the module's, Babel's too. */
function flattened(module: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const inner = module['default']
  if (typeof inner !== 'object' || inner === null || inner instanceof http.Server) return { ...module }
  const { default: _replaced, 'module.exports': _same, ...own } = module
  return { ...own, ...inner }
}

async function callCreateApp(createApp: Function, file: string): Promise<unknown> {
  try {
    return await (createApp() as unknown)
  } catch (thrown) {
    throw new ForkwiseError(
      'APP_INVALID',
      { message: `\`createApp\` of the app module ${file} threw: ${messageOf(thrown)}` },
      { cause: thrown },
    )
  }
}

/** Express apps are functions with a `handle` method; any other listener takes a request and a response. */
function isListener(app: unknown): app is http.RequestListener {
  return typeof app === 'function' && ('handle' in app || app.length >= 2)
}

async function capturedServer(capture: Capture): Promise<http.Server | null> {
  const deadline = performance.now() + LISTEN_WAIT_MS
  while (capture.servers.length === 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return capture.servers[0] ?? null
}

function describeFound(found: Found): string {
  if ('app' in found) return `${describe(found.app)} under \`${found.name}\``
  return found.names.length === 0 ? 'no exports' : `only ${found.names.map((name) => `\`${name}\``).join(', ')}`
}

function describe(value: unknown): string {
  if (typeof value === 'function') return `a function of ${value.length} parameters (a listener takes two)`
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `a ${typeof value}`
  if ('setSecureContext' in value) return 'an HTTPS server'
  const keys = Object.keys(value)
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 8).join(', ')}`
}
