import type { TimelineItem } from '../../core/timeline.ts'
import { WireReader } from '../wire.ts'

/** Who receives what the server sends. */
export interface Listener {
  /** All that was sent before is void. */
  readonly onStart: () => void
  readonly onItems: (items: readonly TimelineItem[]) => void
  /** What time it is where the run is, in ms since the epoch. */
  readonly onClock: (atMs: number) => void
  /** Whether the server is heard now. */
  readonly onConnection: (connected: boolean) => void
}

/**
 * Listens to the server until the run has ended. The browser connects again by itself and says what it heard last, so
 * that nothing is sent twice and nothing is lost.
 */
export function listen({ onStart, onItems, onClock, onConnection }: Listener): void {
  const source = new EventSource('/events')
  let reader = new WireReader()
  const take = (text: string): void => {
    const items = reader.read(text)
    onItems(items)
    if (items.some(({ kind }) => kind === 'end')) source.close()
  }
  source.addEventListener('open', () => onConnection(true))
  source.addEventListener('error', () => onConnection(false))
  source.addEventListener('clock', (event: MessageEvent<string>) => onClock(Number(event.data)))
  source.addEventListener('start', (event: MessageEvent<string>) => {
    onStart()
    reader = new WireReader()
    take(event.data)
  })
  source.addEventListener('message', (event: MessageEvent<string>) => take(event.data))
  source.addEventListener('beats', (event: MessageEvent<string>) => take(event.data))
}
