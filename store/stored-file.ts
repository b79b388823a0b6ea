import type { Shape } from './shape.ts'

/** A file of a results folder: where it is, what it says it is, and what it holds. */
export interface StoredFile<T> {
  /** Name in the folder, or what files of this kind are named by. */
  readonly name: string
  /** What its records say in `schema`: `forkwise/trial@1`. */
  readonly tag: string
  readonly shape: Shape<T>
  /** True where bounds of estimates that nothing bounds are written as null (core/estimate.ts). */
  readonly hasEstimates?: true
  /** True for files of before they had a `schema`, which may lack it. */
  readonly mayLackTag?: true
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
