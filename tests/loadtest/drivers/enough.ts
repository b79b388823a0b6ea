import type { LoadRecord } from '../../../core/load.ts'

/**
 * Runs loads until one holds enough to say something, each twice as long as the one before: a busy machine does less in
 * the same time. The first, which is enough on a quiet one, takes half a second.
 */
export async function untilEnough<T extends { readonly record: LoadRecord }>(
  enough: (record: LoadRecord) => boolean,
  run: (durationS: number) => Promise<T>,
): Promise<T> {
  for (let durationS = 0.5; durationS <= 32; durationS *= 2) {
    const result = await run(durationS)
    if (enough(result.record)) return result
  }
  throw new Error('Expected a run of 32 s to hold enough.')
}
