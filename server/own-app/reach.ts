import net from 'node:net'
import type { ListenPlace } from '../listen.ts'

/** Whether somebody accepts connections at a place. */
export function isReached({ host, port }: ListenPlace): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port }).unref()
    const end = (reached: boolean): void => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
