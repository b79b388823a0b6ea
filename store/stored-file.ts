import type { Shape } from './shape.ts'

/** A file of a results folder: where it is, what it says it is, and what it holds. */
export interface StoredFile<T> {
  /** Name in the folder, or what files of this kind are named by. */
  readonly name: string
  /** What its records say in `schema`: `forkwise/trial@2`. */
  readonly tag: string
  readonly shape: Shape<T>
  /** True where bounds of estimates that nothing bounds are written as null (core/estimate.ts). */
  readonly hasEstimates?: true
  /** The version of before, which is read on for one version of Forkwise. */
  readonly older?: OlderVersion<T>
  /** True for files of before they had a `schema`, which may lack it. */
  readonly mayLackTag?: true
}

/** An older version of a file: what it says it is, what it holds, and how to say that in the words of today. */
export interface OlderVersion<T> {
  readonly tag: string
  readonly shape: Pick<Shape<T>, 'schema'>
  /** Takes what fits the shape. */
  readonly convert: (value: unknown) => T
}

/** Describes an older version. */
export function olderVersion<Old, T>(tag: string, shape: Shape<Old>, convert: (old: Old) => T): OlderVersion<T> {
  return { tag, shape, convert: (value) => convert(value as Old) }
}

/** A file that holds one record in JSON. */
export interface JsonFile<T> extends StoredFile<T> {
  readonly lines: false
}

/** A file that holds one record a line, so that it can grow. */
export interface LinesFile<T> extends StoredFile<T> {
  readonly lines: true
}

/** seal.json: written when a run is over, with the checksum of every file as it was then. */
export interface Seal {
  readonly schema: 'forkwise/seal@1'
  readonly files: Readonly<Record<string, string>>
}
