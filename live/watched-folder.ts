import { resolve } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import type { TimelineItem } from '../core/timeline.ts'
import { kindOfFolder, requireFolder } from '../store/folder-kind.ts'
import { FolderJournal } from './folder-journal.ts'
import { type Journal, LiveJournal } from './journal.ts'
import { recordedItems } from './recorded-items.ts'

/** A results folder that is watched. */
export interface WatchedFolder {
  readonly journal: Journal
  /** What happened since the last call. Throws RESULT_INVALID when the timeline is damaged. */
  read(): readonly TimelineItem[]
}

/**
 * Opens the folder of a run to watch it: by its timeline, while it is being written too, or, where it has none or nothing is
 * in it, by what its other files hold. Throws RESULT_INVALID when it holds no run, or one of a version that
 * cannot be read.
 */
export function openWatchedFolder(dir: string): WatchedFolder {
  requireFolder(dir)
  const timeline = new FolderJournal(dir)
  let first = timeline.read()
  if (first.length > 0) {
    return {
      journal: timeline,
      read() {
        const items = [...first, ...timeline.read()]
        first = []
        return items
      },
    }
  }
  const kind = kindOfFolder(dir)
  if (kind === null) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected the folder of a run, with a manifest.json or a timeline.ndjson that say what ran, got ${resolve(dir)}, which has neither.`,
      hint: 'Give the folder that a run named when it began, by default below results/, whole.',
    })
  }
  let items = recordedItems(dir, kind)
  const journal = new LiveJournal({ items: items.length + 1, characters: Number.MAX_SAFE_INTEGER })
  for (const item of items) journal.push(item)
  return {
    journal,
    read() {
      const all = items
      items = []
      return all
    },
  }
}
