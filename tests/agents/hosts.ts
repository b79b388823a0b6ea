import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../core/paths.ts'

/** Programs that hosts are made with. */
export const HOST_PARTS = ['ip', 'tc', 'unshare'] as const

/** Whether this user may make network namespaces. */
export function mayMakeHosts(): boolean {
  const name = `fw${process.pid}try`
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0
  if (made) spawnSync('ip', ['netns', 'del', name])
  return made
}

/** Whether the kernel can delay what a host sends. */
export function mayDelay(): boolean {
  const name = `fw${process.pid}try`
  const words = ['-n', name, 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']
  const may = spawnSync('ip', ['netns', 'add', name]).status === 0 && spawnSync('tc', words).status === 0
  spawnSync('ip', ['netns', 'del', name])
  return may
}

/** A program on a host, with the lines that it wrote. */
export interface HostProgram {
  readonly child: ChildProcess
  readonly lines: string[]
  /** Resolves with the first line that fits; rejects when the program ends before. */
  line(pattern: RegExp): Promise<string>
  readonly ended: Promise<number | null>
}

/**
 * Hosts of a network that exists on this machine alone: network namespaces, each with one interface, joined by a bridge that
 * is in a namespace of its own. Nothing of it is seen outside.
 */
export class Hosts {
  readonly #names: readonly string[]
  readonly #bridge = `fw${process.pid}sw`

  private constructor(names: readonly string[]) {
    this.#names = names
  }

  /** Makes hosts with the addresses 10.77.0.1, .2, … in the order of their names. */
  static make(names: readonly string[]): Hosts {
    removeForsaken()
    const hosts = new Hosts(names)
    const bridge = hosts.#bridge
    run('ip', 'netns', 'add', bridge)
    run('ip', '-n', bridge, 'link', 'add', 'br0', 'type', 'bridge')
    run('ip', '-n', bridge, 'link', 'set', 'br0', 'up')
    names.forEach((name, i) => {
      const [space, port] = [hosts.#spaceOf(name), `p${i}`]
      run('ip', 'netns', 'add', space)
      run('ip', '-n', bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
      run('ip', '-n', bridge, 'link', 'set', port, 'master', 'br0', 'up')
      run('ip', '-n', space, 'addr', 'add', `${hosts.address(name)}/24`, 'dev', 'eth0')
      run('ip', '-n', space, 'link', 'set', 'eth0', 'up')
      run('ip', '-n', space, 'link', 'set', 'lo', 'up')
    })
    return hosts
  }

  /** The address of a host. */
  address(name: string): string {
    return `10.77.0.${this.#names.indexOf(name) + 1}`
  }

  /** Starts Node on a host; its clock is `aheadS` ahead of the others' where that is above 0. */
  node(name: string, words: readonly string[], aheadS: number = 0): HostProgram {
    const clock = aheadS === 0 ? [] : ['unshare', '-T', '--monotonic', String(aheadS), '--fork', '--kill-child=SIGKILL']
    const line = ['netns', 'exec', this.#spaceOf(name), ...clock, process.execPath, ...words]
    return program(spawn('ip', line, { stdio: ['ignore', 'pipe', 'pipe'], cwd: PACKAGE_ROOT }))
  }

  /** Starts `forkwise` on a host. */
  forkwise(name: string, words: readonly string[], aheadS: number = 0): HostProgram {
    return this.node(name, [join(PACKAGE_ROOT, 'dist', 'cli', 'main.js'), ...words], aheadS)
  }

  /** Delays all that a host sends, as netem says it: `20ms 5ms`; undone with null. */
  delay(name: string, netem: readonly string[] | null): void {
    if (netem === null) run('tc', '-n', this.#spaceOf(name), 'qdisc', 'del', 'dev', 'eth0', 'root')
    else run('tc', '-n', this.#spaceOf(name), 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', ...netem)
  }

  /** Pulls a host's cable. */
  unplug(name: string): void {
    run('ip', '-n', this.#bridge, 'link', 'set', `p${this.#names.indexOf(name)}`, 'down')
  }

  /** Processes that run on a host. */
  pids(name: string): number[] {
    return pidsIn(this.#spaceOf(name))
  }

  /** Ends what still runs, and removes the hosts. */
  remove(): void {
    for (const name of this.#names) {
      for (const pid of this.pids(name)) process.kill(pid, 'SIGKILL')
      spawnSync('ip', ['netns', 'del', this.#spaceOf(name)])
    }
    spawnSync('ip', ['netns', 'del', this.#bridge])
  }

  #spaceOf(name: string): string {
    return `fw${process.pid}${name}`
  }
}

/** Removes what tests that were killed have left. */
function removeForsaken(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const [space, pid] of stdout.matchAll(/^fw(\d+)[a-z]\w*/gm)) {
    if (existsSync(`/proc/${pid}`)) continue
    for (const each of pidsIn(space)) process.kill(each, 'SIGKILL')
    spawnSync('ip', ['netns', 'del', space])
  }
}

function pidsIn(space: string): number[] {
  const { stdout } = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

function program(child: ChildProcess): HostProgram {
  const lines: string[] = []
  const watchers = new Set<() => void>()
  const tell = (): void => {
    for (const watcher of watchers) watcher()
  }
  let over = false
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      tell()
    })
  }
  const ended = once(child, 'close').then(([code]) => {
    over = true
    tell()
    return code as number | null
  })
  const line = async (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((each) => pattern.test(each))
        if (found === undefined && !over) return
        watchers.delete(look)
        if (found === undefined) reject(new Error(`Expected a line like ${pattern}, got:\n${lines.join('\n')}`))
        else resolve(found)
      }
      watchers.add(look)
      look()
    })
  return { child, lines, line, ended }
}

function run(file: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(file, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${words.join(' ')}: ${stderr}`)
}
