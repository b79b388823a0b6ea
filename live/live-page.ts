import { messageOf } from '../core/errors.ts'
import { happenedAtMs, type Run } from '../experiments/run.ts'
import { EventItems } from '../experiments/timeline/event-items.ts'
import { LiveJournal } from './journal.ts'
import { type LiveServer, serveLive } from './server.ts'

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
  let run: Run<unknown> | null = null
  let isWatched = false
  const onWatched = (watched: boolean): void => {
    isWatched = watched
    run?.watch(watched)
  }
  const server = await serveLive(journal, { port, onWatched })
  let following: Promise<void> = Promise.resolve()
  return {
    address: server.address,
    follow(started) {
      run = started
      run.watch(isWatched)
      following = follow(run, journal, server)
    },
    async close() {
      await following
      await server.close()
    },
  }
}

async function follow(run: Run<unknown>, journal: LiveJournal, server: Pick<LiveServer, 'sendNow'>): Promise<void> {
  const items = new EventItems()
  let hasEnded = false
  const end = (text: string, failed: boolean): void => {
    if (!hasEnded) journal.push({ kind: 'end', atMs: Date.now(), text, failed })
  }
  try {
    for await (const event of run) {
      for (const item of items.of(event, happenedAtMs(event))) {
        hasEnded ||= item.kind === 'end'
        journal.push(item)
      }
      // Heartbeats come as often as viewers are sent something, and at once when a loop is blocked.
      if (event.type === 'units-heard' && event.item.kind === 'beats') server.sendNow()
    }
    end('The run is over.', false)
  } catch (thrown) {
    end(messageOf(thrown), true)
  }
}
