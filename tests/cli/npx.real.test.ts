import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test as plainTest, vi } from 'vitest'
import { compiled } from '../../core/paths.ts'
import { makePlace, type Place } from './forkwise-process.ts'

/** Each test has a project in an otherwise empty folder, where `npx forkwise` and `npm run serve` start the product. */
const test = plainTest.extend<{ project: Project }>({
  // oxlint-disable-next-line no-empty-pattern
  project: async ({}, use) => {
    const project = new Project(makePlace())
    await use(project)
    await project.remove()
  },
})

class Project {
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
    const bin = join(place.dir, 'node_modules', '.bin')
    mkdirSync(bin, { recursive: true })
    symlinkSync(compiled('cli/main.js'), join(bin, 'forkwise'))
    writeFileSync(join(place.dir, 'package.json'), '{ "scripts": { "serve": "forkwise serve single --port 0" } }')
  }

  /** Starts a program without what npm says to those below it, as from a shell; it is to write to the file `log`. */
  run(program: string, ...args: readonly string[]): ChildProcess {
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
    return spawn(program, args, {
      cwd: this.#place.dir,
      env: { ...Object.fromEntries(env), TMPDIR: this.#place.dir, NO_COLOR: '1', npm_config_update_notifier: 'false' },
      stdio: 'ignore',
      detached: true,
    })
  }

  log(): string {
    const file = join(this.#place.dir, 'log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  async untilLogged(text: string): Promise<void> {
    await vi.waitFor(() => expect(this.log()).toContain(text), { timeout: 120_000, interval: 50 })
  }

  async untilNothingIsLeft(): Promise<void> {
    await vi.waitFor(() => expect(this.#place.processes()).toEqual([]), { timeout: 120_000, interval: 50 })
    expect(this.#place.stateEntries()).toEqual([])
  }

  /** The process whose command line begins so; undefined when there is none. */
  find(commandLine: string): number | undefined {
    const found = this.#place.processes().find((line) => line.replace(/^\d+ /, '').startsWith(commandLine))
    return found === undefined ? undefined : Number.parseInt(found, 10)
  }

  async untilStarted(commandLine: string): Promise<void> {
    await vi.waitFor(() => expect(this.find(commandLine)).toBeDefined(), { timeout: 120_000, interval: 2 })
  }

  end(commandLine: string, signal: NodeJS.Signals): void {
    const pid = this.find(commandLine)
    expect(pid, `"${commandLine}" among:\n${this.#place.processes().join('\n')}`).toBeDefined()
    process.kill(pid ?? 0, signal)
  }

  /** Ends what a failed test left: all of it is marked as the place's. */
  async remove(): Promise<void> {
    for (const line of this.#place.processes()) process.kill(Number.parseInt(line, 10), 'SIGKILL')
    await vi.waitFor(() => expect(this.#place.processes()).toEqual([]), { timeout: 120_000 })
    this.#place.remove()
  }
}

const SERVE = 'npx forkwise serve single --port 0'

describe.concurrent('a command that npm started ends, and nothing is left, when', () => {
  test.for(['SIGTERM', 'SIGKILL', 'SIGHUP'] as const)('npx is ended by %s', async (signal, { project }) => {
    project.run('sh', '-c', `${SERVE} > log 2>&1`)
    await project.untilLogged('ready')
    project.end('npm exec', signal)
    await project.untilNothingIsLeft()
  })

  test.for(['SIGTERM', 'SIGKILL'] as const)('npm run is ended by %s', async (signal, { project }) => {
    project.run('sh', '-c', 'npm run serve > log 2>&1')
    await project.untilLogged('ready')
    project.end('npm run', signal)
    await project.untilNothingIsLeft()
  })

  test.for(['SIGTERM', 'SIGKILL'] as const)('the shell around npx is ended by %s', async (signal, { project }) => {
    const shell = project.run('sh', '-c', `${SERVE} > log 2>&1; true`)
    await project.untilLogged('ready')
    shell.kill(signal)
    await project.untilNothingIsLeft()
  })

  test('the shell between npm and the command is killed', async ({ project }) => {
    project.run('sh', '-c', 'npm run serve > log 2>&1')
    await project.untilLogged('ready')
    project.end('sh -c forkwise', 'SIGKILL')
    await project.untilNothingIsLeft()
  })

  test('its terminal is closed', async ({ project }) => {
    const terminal = project.run('script', '--quiet', '--flush', '--command', SERVE, 'log')
    await project.untilLogged('ready')
    terminal.kill('SIGKILL')
    await project.untilNothingIsLeft()
  })

  test('npx is killed before the command has begun to watch it', async ({ project }) => {
    project.run('sh', '-c', `${SERVE} > log 2>&1`)
    await project.untilStarted("sh -c 'forkwise'")
    project.end('npm exec', 'SIGKILL')
    await project.untilNothingIsLeft()
    expect(project.log()).not.toContain('ready')
  })

  test('npx is killed while a comparison has PM2 running', async ({ project }) => {
    const compare = 'compare --models cluster,pm2-fork --workloads cpu --quick --anyway --out run'
    project.run('sh', '-c', `npx forkwise ${compare} > log 2>&1`)
    await project.untilStarted('PM2')
    project.end('npm exec', 'SIGKILL')
    await project.untilNothingIsLeft()
    expect(project.log()).toContain('What started this has ended')
  })
})

describe.concurrent('a command goes on when', () => {
  test.for([
    ['it was started without npm, in the background', `nohup node ${compiled('cli/main.js')} serve single --port 0`],
    ['npx has a session of its own', `setsid ${SERVE}`],
  ])('%s, and its shell ends', async ([, command], { project }) => {
    const shell = project.run('sh', '-c', `${command} > log 2>&1 & wait`)
    await project.untilLogged('ready')
    const ended = once(shell, 'exit')
    shell.kill('SIGKILL')
    await ended
    // Four looks at the parents.
    await sleep(2000)
    expect(project.log()).not.toContain('ended')
    project.end('node', 'SIGTERM')
    await project.untilNothingIsLeft()
    expect(project.log()).toContain('Interrupted')
  })
})
