import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { JsonSchema } from '../core/expectation.ts'
import { mismatchesOf } from '../core/json-schema.ts'
import type { Workload, WorkloadRequest } from '../core/load.ts'
import { placeholdersOf, type PlaceholderValues, withValues } from '../core/placeholders.ts'
import { importUserModule } from '../core/user-module.ts'

/** What a setup gives the requests: headers for all of them, and values for their placeholders. */
export interface SetupResult {
  readonly headers?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, string | number>>
}

/**
 * Prepares a server that was just launched, through its own interface: `target` is its address, without a slash at the end.
 * It runs once per launch, before the first request of a workload.
 */
export type SetupHook = (target: string) => SetupResult | void | Promise<SetupResult | void>

/** The part of a workload that a setup changes. */
type Prepared = Pick<Workload, 'requests' | 'setup'>

/** Longest time that a setup may take, in seconds. */
const MOST_S = 60

const RESULT: JsonSchema = {
  type: 'object',
  properties: {
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    values: { type: 'object', additionalProperties: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
  },
  additionalProperties: false,
}

/** What was prepared, for each launch and each setup. */
const prepared = new WeakMap<object, Map<string, Promise<SetupResult>>>()

/**
 * A workload as a launch is to be asked: its setup has prepared the server, once for the launch, and its headers and values
 * are in the requests. A header of a request's own wins. Throws APP_INVALID, naming the setup, when it fails.
 */
export async function preparedWorkload<W extends Prepared>(
  server: { readonly targets: readonly URL[] },
  workload: W,
  signal: AbortSignal,
): Promise<W> {
  const { setup } = workload
  const [target] = server.targets
  if (setup === undefined || target === undefined) return workload
  const results = prepared.get(server) ?? new Map<string, Promise<SetupResult>>()
  prepared.set(server, results)
  const result = results.get(setup) ?? runSetup(setup, target, signal)
  results.set(setup, result)
  const { headers = {}, values = {} } = await result
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
  const requests = workload.requests.map((request) => completed(request, headers, texts))
  requireValues(requests, setup)
  return { ...workload, requests }
}

/** The function of a setup module: what it exports by default, as `setup`, or as `setup` of a configuration. Throws USAGE. */
export async function loadSetup(file: string): Promise<SetupHook> {
  const found = setupOf(await imported(file))
  if (found !== null) return found
  throw new ForkwiseError('USAGE', {
    message: `Expected the setup ${file} to export a function, got none.`,
    hint: 'Write `export default async (target) => ({ headers: { … }, values: { … } })`.',
  })
}

async function imported(file: string): Promise<object> {
  try {
    return await importUserModule(file)
  } catch (thrown) {
    throw new ForkwiseError(
      'USAGE',
      { message: `Expected the setup ${file} to load, got: ${messageOf(thrown)}.`, hint: `See ${file}.` },
      { cause: thrown },
    )
  }
}

function setupOf(module: object): SetupHook | null {
  const { default: main, setup } = module as { readonly default?: unknown; readonly setup?: unknown }
  const inside = typeof main === 'object' && main !== null ? (main as { readonly setup?: unknown }).setup : undefined
  const found = [main, setup, inside].find((value) => typeof value === 'function')
  return found === undefined ? null : (found as SetupHook)
}

async function runSetup(file: string, target: URL, signal: AbortSignal): Promise<SetupResult> {
  const hook = await loadSetup(file)
  let given: unknown
  try {
    given = await inTime(Promise.resolve(hook(target.origin)), signal)
  } catch (thrown) {
    signal.throwIfAborted()
    throw failed(file, target, messageOf(thrown), thrown)
  }
  const result = given ?? {}
  const [first] = mismatchesOf(result, RESULT)
  if (first !== undefined) throw failed(file, target, `it gave${first.place} ${first.got}, expected ${first.wanted}`)
  return checked(result, file, target)
}

function checked(result: SetupResult, file: string, target: URL): SetupResult {
  try {
    for (const [name, value] of Object.entries(result.headers ?? {})) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
    return result
  } catch (thrown) {
    throw failed(file, target, messageOf(thrown), thrown)
  }
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(MOST_S * 1000)])
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      limit.addEventListener('abort', () => reject(new Error(`it did not end within ${MOST_S} s`)), { once: true })
    }),
  ])
}

function completed(
  request: WorkloadRequest,
  headers: Readonly<Record<string, string>>,
  values: PlaceholderValues,
): WorkloadRequest {
  const added = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const all = { ...Object.fromEntries(added), ...request.headers }
  return withValues(Object.keys(all).length === 0 ? request : { ...request, headers: all }, values)
}

function requireValues(requests: readonly WorkloadRequest[], file: string): void {
  const open = new Set(requests.flatMap((request) => [...placeholdersOf(request)]))
  if (open.size === 0) return
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected the setup ${file} to give a value for ${[...open].map((name) => `{{${name}}}`).join(', ')}, got none.`,
    hint: 'Give it as `values: { name: … }`, or as a column of `rows`.',
  })
}

function failed(file: string, target: URL, reason: string, cause?: unknown): ForkwiseError {
  return new ForkwiseError(
    'APP_INVALID',
    {
      message: `Expected the setup ${file} to prepare the app at ${target.origin}, got: ${reason}.`,
      hint: 'It is called with the address of a server that was just launched; try it against one: `forkwise serve single --app …`.',
    },
    cause === undefined ? undefined : { cause },
  )
}
