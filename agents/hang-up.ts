import type { TLSSocket } from 'node:tls'
import { frameOf } from './frames.ts'
import type { FromAgent } from './protocol.ts'

/** Who does not hang up in turn is hung up on after this long. */
const GRACE_MS = 1000

/** Says why nothing more will be done for the other end, and ends the connection. */
export function hangUp(socket: TLSSocket, reason: string): void {
  const refused: FromAgent = { kind: 'refused', reason }
  socket.end(frameOf(refused))
  setTimeout(() => socket.destroy(), GRACE_MS).unref()
}
