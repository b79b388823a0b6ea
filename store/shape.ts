import type { JsonSchema } from '../core/expectation.ts'

/**
 * A JSON schema that describes values of a type. The compiler holds both against each other, member by member: a member
 * that is forgotten, optional in one only, or of another type is an error.
 */
export interface Shape<T> {
  readonly schema: JsonSchema
  /** Never there: makes shapes of different types different to the compiler. */
  readonly holds?: (value: T) => T
}

/** The shape of a member that may be absent. */
export interface OptionalShape<T> {
  readonly optional: Shape<T>
}

/** The members of an object, each with its shape. */
export type Members<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? OptionalShape<Exclude<T[K], undefined>> : Shape<T[K]>
}

/** Any text. */
export const text: Shape<string> = { schema: { type: 'string' } }

/** Text that a file can be named by. */
export const fileName: Shape<string> = {
  schema: { type: 'string', pattern: '^[^/\\\\\\u0000]{1,200}$', title: 'a name without slashes' },
}

/** Any number; JSON has none without end. */
export const number: Shape<number> = { schema: { type: 'number' } }

/** A number that is written as null where it has no end (core/estimate.ts) or cannot be determined. */
export const endless: Shape<number> = { schema: { type: ['number', 'null'] } }

/** A number that counts something, or says how much there is of it: not below 0. */
export const amount: Shape<number> = { schema: { type: 'number', minimum: 0 } }

/** Seconds of a load, at most a week: simulations and plots go through every one. */
export const loadSeconds: Shape<number> = { schema: { type: 'number', minimum: 0, maximum: 604_800 } }

/** Requests per second that a load was asked for: simulations wait for the next one, so there is one. */
export const loadRate: Shape<number> = { schema: { type: 'number', minimum: 0.001, maximum: 10_000_000 } }

/** True or false. */
export const flag: Shape<boolean> = { schema: { type: 'boolean' } }

/** A whole number within bounds. */
export function whole(minimum: number, maximum: number): Shape<number> {
  return { schema: { type: 'integer', minimum, maximum } }
}

/** One of these values; the compiler knows whether some are missing. */
export function oneOf<const V extends readonly (string | null)[]>(...values: V): Shape<V[number]> {
  return { schema: { enum: values } }
}

/** Exactly this word. */
export function constant<const V extends string>(value: V): Shape<V> {
  return { schema: { type: 'string', const: value } }
}

/** A list. */
export function list<T>(items: Shape<T>): Shape<readonly T[]> {
  return { schema: { type: 'array', items: items.schema } }
}

/** A list of two. */
export function pair<T>(items: Shape<T>): Shape<readonly [T, T]> {
  return { schema: { type: 'array', items: items.schema, minItems: 2, maxItems: 2, title: 'a list of two' } }
}

/** Values by name. */
export function byName<T>(values: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return { schema: { type: 'object', additionalProperties: values.schema } }
}

/** A value or null. */
export function nullable<T>({ schema }: Shape<T>): Shape<T | null> {
  const { type } = schema
  if (typeof type === 'string' && schema['const'] === undefined) return { schema: { ...schema, type: [type, 'null'] } }
  return { schema: { anyOf: [schema, { type: 'null' }] } }
}

/** A member that may be absent. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: shape }
}

type Schemas = Pick<Shape<unknown>, 'schema'>

/** An object with these members. Others are let pass: a later version may have more. */
export function object<T extends object>(members: Members<T>): Shape<T> {
  const entries = Object.entries(members as Readonly<Record<string, Schemas | { readonly optional: Schemas }>>)
  return {
    schema: {
      type: 'object',
      required: entries.flatMap(([name, each]) => ('optional' in each ? [] : [name])),
      properties: Object.fromEntries(
        entries.map(([name, each]) => [name, 'optional' in each ? each.optional.schema : each.schema]),
      ),
    },
  }
}

/** An object of one of two shapes, which a member tells apart. */
export function tagged<A extends object, B extends object>(
  tag: string & keyof A & keyof B,
  a: Shape<A>,
  b: Shape<B>,
): Shape<A | B> {
  return {
    schema: { type: 'object', discriminator: { propertyName: tag }, required: [tag], oneOf: [a.schema, b.schema] },
  }
}

/** An object of one of several shapes, which its member `kind` tells apart; the compiler knows whether some are missing. */
export function oneOfKinds<T extends { readonly kind: string }>(shapes: {
  readonly [K in T['kind']]: Shape<Extract<T, { readonly kind: K }>>
}): Shape<T> {
  const all: readonly Schemas[] = Object.values(shapes)
  return {
    schema: {
      type: 'object',
      discriminator: { propertyName: 'kind' },
      required: ['kind'],
      oneOf: all.map(({ schema }) => schema),
    },
  }
}
