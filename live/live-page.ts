import { messageOf } from '../core/errors.ts'
import type { Run } from '../experiments/run.ts'
import { EventItems } from './event-items.ts'
import { LiveJournal } from './journal.ts'
import type { LiveItem } from './model/items.ts'
import { serveLive } from './server.ts'
import { UnitWatch } from './unit-watch.ts'

/** The page of a run that is going on. */
export interface LivePage {
  /** The address to open, its token included. */
  readonly address: string
  /** Shows a run from its first event on, until it ends. */
  follow(run: Run<unknown>): void
  /** Tells viewers the end, and ends. Idempotent. */
  close(): Promise<void>
}

/** Opens a page for a run, on 127.0.0.1 (port 0 = any free one). Throws PORT_TAKEN. */
export async function openLivePage(port: number): Promise<LivePage> {
  const journal = new LiveJournal()
  const server = await serveLive(journal, { port, onWatched: (watched) => (watch.watched = watched) })
  const watch = new UnitWatch((item: LiveItem) => {
    journal.push(item)
    if (item.kind === 'beats') server.tellBeats()
  })
  let following: Promise<void> = Promise.resolve()
  return {
    address: server.address,
    follow(run) {
      following = follow(run, journal, watch)
    },
    async close() {
      await following
      watch.stop()
      await server.close()
    },
  }
}

async function follow(run: Run<unknown>, journal: LiveJournal, watch: UnitWatch): Promise<void> {
  const items = new EventItems()
  try {
    for await (const event of run) {
      for (const item of items.of(event, Date.now())) journal.push(item)
      if (event.type === 'units') watch.units(event.units)
    }
    journal.push({ kind: 'end', atMs: Date.now(), text: 'The run is over.', failed: false })
  } catch (thrown) {
    journal.push({ kind: 'end', atMs: Date.now(), text: messageOf(thrown), failed: true })
  }
}
