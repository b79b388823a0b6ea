import type { MarkLevel } from '../../core/timeline.ts'

/** One entry of the strip of events. */
export interface Mark {
  readonly atMs: number
  readonly level: MarkLevel
  readonly text: string
}
