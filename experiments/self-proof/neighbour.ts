import { type ChildProcess, spawn } from 'node:child_process'

/** Burns a core in turns of 20 ms, between which it sees that its parent has gone. */
const PROGRAM =
  "process.on('disconnect',()=>process.exit(0));(function burn(){const end=Date.now()+20;while(Date.now()<end);setImmediate(burn)})()"

/** A program of somebody else that takes a whole core while it is on, for proofs that a comparison sees it. */
export class Neighbour {
  #child: ChildProcess | null = null

  /** Switches it on, or leaves it on. */
  on(): void {
    this.#child ??= spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  }

  /** Switches it off; settles when its process is gone. */
  async off(): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await gone
  }
}
