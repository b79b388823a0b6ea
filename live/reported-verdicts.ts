import { ForkwiseError } from '../core/errors.ts'
import type { TimelineItem } from '../core/timeline.ts'
import { analyseRun } from '../experiments/comparison/comparison.ts'
import { timelineVerdict } from '../experiments/timeline/event-items.ts'
import { readRun } from '../store/comparison-folder.ts'
import { isComplete, kindOfFolder } from '../store/folder-kind.ts'

/**
 * The verdicts of a comparison as its report makes them from the folder now, final once the run is over, at a moment in ms
 * since the epoch. None for other runs and before a verdict can be made; where no report can be made, a mark that says why.
 */
export function reportedVerdicts(dir: string, atMs: number): readonly TimelineItem[] {
  if (kindOfFolder(dir) !== 'comparison') return []
  try {
    const run = readRun(dir)
    if (run.pilot === null || run.trials.length === 0) return []
    const verdicts = analyseRun(run).verdicts.map(timelineVerdict)
    return verdicts.length === 0 ? [] : [{ kind: 'verdicts', atMs, final: isComplete(dir), verdicts }]
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    const text = `No report can be made of this run, so that its verdicts are those of its timeline: ${thrown.message}`
    return [{ kind: 'mark', atMs, level: 'warning', text }]
  }
}
