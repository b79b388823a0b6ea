/** Something that a model needs and this machine lacks, with the remedy. */
export interface UnmetNeed {
  readonly what: string
  readonly remedy: string
}
