import type { JsonSchema } from '../core/expectation.ts'
import { mismatchesOf } from '../core/json-schema.ts'
import type { NetworkRecord, WorkloadRequest } from '../core/load.ts'
import type { ProbeResult } from '../loadtest/drivers/probe.ts'
import type { GeneratorCeiling } from '../loadtest/generator-ceiling.ts'
import type { FromGenerator, GeneratorJob, GeneratorPart } from '../loadtest/generator-protocol.ts'
import { FROM_AGENT, TO_AGENT } from './message-schemas.ts'

/** Version of the messages; both ends must have the same, as they must have the same build. */
export const PROTOCOL = 1

/** Longest messages in bytes: before a controller was accepted, to an agent, and from one. */
export const MOST_BYTES: Readonly<Record<'hello' | 'toAgent' | 'fromAgent', number>> = {
  hello: 4096,
  toAgent: 16 << 20,
  fromAgent: 64 << 20,
}

/** What an agent is asked before a load. Each is answered by a message of the same kind, or by `failed` about it. */
export type Question =
  | { readonly kind: 'ceiling'; readonly neededPerS: number }
  | {
      readonly kind: 'probe'
      readonly targets: readonly string[]
      readonly request: WorkloadRequest
      readonly timeoutS: number
    }

/**
 * What a controller sends to an agent: `hello` first, with the number that the agent has just made up; then questions and
 * loads, one at a time; `clock` all the time, which also says that the controller is still there.
 */
export type ToAgent =
  | { readonly kind: 'hello'; readonly protocol: number; readonly build: string; readonly nonce: string }
  | { readonly kind: 'clock'; readonly id: number }
  | Question
  | { readonly kind: 'prepare'; readonly jobs: readonly GeneratorJob[] }
  /** The start on the agent's monotonic clock. */
  | { readonly kind: 'begin'; readonly startAtMs: number }
  | { readonly kind: 'stop' }

/** What an agent found before a load. */
export interface Probed {
  readonly result: ProbeResult
  readonly network: NetworkRecord | null
}

/** What an agent measured in a load. */
export interface AgentPart {
  readonly parts: readonly GeneratorPart[]
  /** How late its closed loop began; null for an open one, which says so with its first request. */
  readonly beganLateMs: number | null
}

/** What an agent is. */
export interface AgentFacts {
  readonly host: string
  readonly cores: number
  readonly node: string
}

/** Events of a load, as a generator process has them. */
export type LoadEvent = Extract<FromGenerator, { readonly kind: 'counting' | 'counted' | 'progress' }>

/** What failed, in words, as the errors of Forkwise have it. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** What an agent sends to its controller. */
export type FromAgent =
  | {
      readonly kind: 'welcome'
      readonly protocol: number
      readonly build: string
      readonly nonce: string
      readonly facts: AgentFacts
    }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'clock'; readonly id: number; readonly monotonicMs: number }
  | { readonly kind: 'ceiling'; readonly ceiling: GeneratorCeiling }
  | ({ readonly kind: 'probe' } & Probed)
  | { readonly kind: 'ready' }
  | LoadEvent
  | ({ readonly kind: 'done' } & AgentPart)
  | { readonly kind: 'failed'; readonly about: Question['kind'] | 'load'; readonly failure: Failure }

/** A message to an agent, checked member by member; the first thing that is wrong with it where it is none. */
export function readToAgent(value: unknown): ToAgent | string {
  return problemOf(value, TO_AGENT) ?? (value as ToAgent)
}

/** A message from an agent, checked; the first thing that is wrong with it where it is none. */
export function readFromAgent(value: unknown): FromAgent | string {
  return problemOf(value, FROM_AGENT) ?? (value as FromAgent)
}

function problemOf(value: unknown, schema: JsonSchema): string | null {
  const [first] = mismatchesOf(value, schema)
  return first === undefined
    ? null
    : `a message that is none: expected ${first.place || 'it'} ${first.wanted}, got ${first.got}`
}
