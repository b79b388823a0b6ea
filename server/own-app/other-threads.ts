import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../../core/errors.ts'
import type { ListenPlace } from '../listen.ts'

/** How often it is looked whether somebody listens, in milliseconds. */
const LOOK_MS = 250

/** How many looks in a row must find somebody: an app that only sees whether its port is free listens for a moment. */
const LOOKS = 12

/**
 * Throws APP_INVALID once somebody listens on PORT for seconds while this thread has no server there (`isOurs`): a worker
 * thread of the app, or a process that it has started, whose server can be neither found nor measured here. Never resolves.
 */
export async function refuseOtherThreads(file: string, place: ListenPlace, isOurs: () => boolean): Promise<never> {
  let found = 0
  while (found < LOOKS) {
    await sleep(LOOK_MS, undefined, { ref: false })
    found = !isOurs() && (await isReached(place)) ? found + 1 : 0
  }
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected the app ${file} to listen in its main thread; a worker thread, or another process that it has started, listens on PORT instead, so every model would run its arrangement instead of theirs.`,
    hint: 'Give the file that listens. To measure the arrangement as it is, give its command: `--models single --start "node FILE"`; or start it yourself and name it with `--url`.',
  })
}

function isReached({ host, port }: ListenPlace): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port }).unref()
    const end = (reached: boolean): void => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
