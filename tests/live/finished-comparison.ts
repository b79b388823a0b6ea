import type { TimelineItem } from '../../core/timeline.ts'
import { analyseRun } from '../../experiments/comparison/comparison.ts'
import { RunStore, type StoredRun } from '../../store/comparison-folder.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { fixtureRun } from '../report/fixture-run.ts'

/**
 * Writes the folder of a comparison that is over, in which every block under `cpu` was dropped, with a timeline of these
 * items; gives what its report is made of.
 */
export function writeFinishedComparison(dir: string, timeline: readonly TimelineItem[]): StoredRun {
  const { manifest, pilot, trials, blocks } = fixtureRun(7, { samples: 200, workloads: ['cpu', 'io'] })
  const store = RunStore.create(dir)
  store.writeManifest(manifest)
  store.writePilot(pilot)
  for (const trial of trials) store.appendTrial(trial)
  for (const block of blocks) {
    store.appendBlock(block.workload === 'cpu' ? { ...block, kept: false, reasons: ['steal 5 %'] } : block)
  }
  const run = store.run()
  new TimelineWriter(dir).append(timeline)
  store.finish(analyseRun(run))
  return run
}
