import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { appError } from './app-error.ts'
import type { Exports } from './main-module.ts'

/** Names under which a module may export its app, in the order in which they are looked for. */
const NAMES = ['createApp', 'default', 'app', 'handler', 'server'] as const

const EXPECTED =
  'a request listener, an http.Server, an app of Express, Koa, Fastify or Hono, or a function `createApp` that returns one of them'

/** The app that a module exports, and under which name. */
export interface ExportedApp {
  readonly value: unknown
  readonly name: string
}

/** What a module exports, with what its promises of an app have come to. Throws APP_INVALID when one is rejected. */
export async function awaitExports(module: Exports, file: string): Promise<Exports> {
  const exported: Record<string, unknown> = { ...module }
  for (const name of NAMES) {
    // An app of Fastify can be awaited, too, and is one.
    if (kindOf(exported[name]) !== null || !isThenable(exported[name])) continue
    try {
      exported[name] = await exported[name]
    } catch (thrown) {
      throw appError(file, thrown, 'was starting')
    }
  }
  return exported
}

/** Finds what a module exports under one of the names of an app; null when it exports nothing that could be one. */
export function findExportedApp(module: Exports): ExportedApp | null {
  const exported = flattened(module)
  const name = NAMES.find((name) => isCreate(name, exported[name]) || kindOf(exported[name]) !== null)
  return name === undefined ? null : { value: exported[name], name }
}

/** What a module exports, in words: `no exports`, or what was found under which name. */
export function describeExports(module: Exports): string {
  const exported = flattened(module)
  const name = NAMES.find((name) => exported[name] !== undefined)
  if (name !== undefined) return `${describe(exported[name])} under \`${name}\``
  const names = Object.keys(exported)
  return names.length === 0 ? 'no exports' : `only ${names.map((name) => `\`${name}\``).join(', ')}`
}

/** Whether requests to a server reach the exported app: it is that server, its listener, or what made it. */
export function isServedBy({ value }: ExportedApp, server: net.Server): boolean {
  if (value === server || server.listeners('request').includes(value as () => void)) return true
  return typeof value === 'object' && value !== null && 'server' in value && value.server === server
}

/** Makes the HTTP server of an exported app, which does not listen yet unless the app lets it. Throws APP_INVALID. */
export async function serverOf({ value, name }: ExportedApp, file: string): Promise<net.Server> {
  if (!isCreate(name, value)) return make(value, name, file)
  try {
    const created = await (value as () => unknown)()
    return await make(created, 'createApp()', file)
  } catch (thrown) {
    if (thrown instanceof ForkwiseError) throw thrown
    throw new ForkwiseError(
      'APP_INVALID',
      { message: `\`createApp\` of the app ${file} threw: ${messageOf(thrown)}` },
      { cause: thrown },
    )
  }
}

type Kind = 'server' | 'koa' | 'fastify' | 'fetch' | 'listener'

async function make(value: unknown, name: string, file: string): Promise<net.Server> {
  switch (kindOf(value)) {
    case 'server':
      return value as net.Server
    case 'listener':
      return http.createServer(value as http.RequestListener)
    case 'koa':
      return http.createServer((value as { callback(): http.RequestListener }).callback())
    case 'fastify': {
      const app = value as { ready(): Promise<unknown>; readonly server: http.Server }
      await app.ready()
      return app.server
    }
    case 'fetch':
      return (await nodeServerOfHono(file, name))(value as object)
    case null:
      throw new ForkwiseError('APP_INVALID', {
        message: `Expected the app ${file} to export ${EXPECTED}; found ${describe(value)} under \`${name}\`.`,
        hint: 'Export it as the default, or as `app`, `handler`, `server` or `createApp`; CommonJS and ESM both work.',
      })
  }
}

/** Told apart by what each framework documents: nothing of them is loaded here. */
function kindOf(value: unknown): Kind | null {
  // Express apps are functions with a `handle` method; any other listener takes a request and a response.
  if (typeof value === 'function') return 'handle' in value || value.length >= 2 ? 'listener' : null
  if (typeof value !== 'object' || value === null) return null
  if (value instanceof http.Server || value instanceof https.Server) return 'server'
  if (isMethod(value, 'ready') && 'server' in value && value.server instanceof net.Server) return 'fastify'
  if (isMethod(value, 'callback')) return 'koa'
  return isMethod(value, 'fetch') ? 'fetch' : null
}

/** What the app's own project has to serve a `fetch` function on Node. Throws APP_INVALID when it has nothing. */
async function nodeServerOfHono(file: string, name: string): Promise<(app: object) => http.Server> {
  try {
    const path = createRequire(file).resolve('@hono/node-server')
    const adapter = (await import(pathToFileURL(path).href)) as {
      createAdaptorServer(options: object): http.Server
    }
    return (app) => adapter.createAdaptorServer({ fetch: (app as { fetch: Function }).fetch.bind(app) })
  } catch (thrown) {
    throw new ForkwiseError(
      'APP_INVALID',
      {
        message: `The app ${file} exports a \`fetch\` function under \`${name}\`, which Node serves only through an adapter, and its project has none.`,
        hint: 'Run `npm install @hono/node-server` there, or let the app listen by `serve({ fetch: app.fetch, port: Number(process.env.PORT) })` of that package.',
      },
      { cause: thrown },
    )
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && isMethod(value, 'then')
}

function isMethod(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === 'function'
}

function isCreate(name: string, value: unknown): boolean {
  return name === 'createApp' && typeof value === 'function'
}

/** CommonJS as `import` shows it: `module.exports` is the default, and its members are the module's, Babel's too. */
function flattened(module: Exports): Record<string, unknown> {
  const inner = module['default']
  const isNamespace = typeof inner === 'object' && inner !== null && kindOf(inner) === null
  if (!isNamespace) return { ...module }
  const { default: _replaced, 'module.exports': _same, ...own } = module
  return { ...own, ...inner }
}

function describe(value: unknown): string {
  if (typeof value === 'function') return `a function of ${value.length} parameters (a listener takes two)`
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `a ${typeof value}`
  const keys = Object.keys(value)
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 8).join(', ')}`
}
