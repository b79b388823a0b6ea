import { pbkdf2Sync } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { type KeySettings, PASSWORD, SALT } from './key-settings.ts'

// The call that returns a promise would go to the threads of libuv, which all threads of a process share.
parentPort?.on('message', ({ rounds, bytes, digest }: KeySettings) => {
  parentPort?.postMessage(pbkdf2Sync(PASSWORD, SALT, rounds, bytes, digest).toString('hex'))
})
