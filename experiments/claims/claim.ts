import type { JsonSchema } from '../../core/expectation.ts'
import type { CompareOptions } from '../options/options.ts'

/** A statement about server models that a comparison can settle, as data. */
export interface Claim {
  /** The statement, as one would say it. */
  readonly claim: string
  /** Who says so, or where it was read. */
  readonly source?: string
  /** What is compared for it: options of `compare`, without thresholds. */
  readonly compare: Omit<CompareOptions, 'assert' | 'undecided' | 'junit'>
  /** What holds if it is true, as thresholds of `compare`: all of it. */
  readonly holds: readonly string[]
}

/** A claim that comes with the product, under the name of its file. */
export interface ShippedClaim extends Claim {
  readonly id: string
}

/** A claim as a file has it. */
export const CLAIM_SCHEMA: JsonSchema = {
  type: 'object',
  title: 'a claim with its comparison and what holds',
  properties: {
    claim: { type: 'string', minLength: 1 },
    source: { type: 'string' },
    compare: { type: 'object', title: 'an object with the options of compare' },
    holds: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1, title: 'a threshold' } },
  },
  required: ['claim', 'compare', 'holds'],
  additionalProperties: false,
}
