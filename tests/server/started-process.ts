import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compiled } from '../../core/paths.ts'
import type { UnitRecord } from '../../core/unit.ts'

/** A program of ours that runs and is in service. */
export interface Started {
  readonly child: ChildProcess
  /** Its launch folder. */
  readonly dir: string
  readonly unit: UnitRecord
  /** Exit code, once the process has ended. */
  readonly exited: Promise<number | null>
}

const started: { child: ChildProcess; dir: string }[] = []

/** Starts a compiled program by the launch protocol and waits for its unit file. {@link endStarted} ends it. */
export async function start(program: string, env: Record<string, string> = {}, ipc: boolean = false): Promise<Started> {
  const dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  const child = spawn(process.execPath, [compiled(program)], {
    env: { ...process.env, PORT: '0', FORKWISE_LAUNCH_DIR: dir, FORKWISE_UNIT: 'worker-1', ...env },
    stdio: ipc ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'inherit', 'inherit'],
  })
  started.push({ child, dir })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const file = join(dir, 'units', 'worker-1.json')
  for (let waitedMs = 0; !existsSync(file); waitedMs += 10) {
    if (waitedMs > 120_000 || child.exitCode !== null) throw new Error(`${program} did not become ready.`)
    await sleep(10)
  }
  return { child, dir, unit: JSON.parse(readFileSync(file, 'utf8')) as UnitRecord, exited }
}

/** An answer as the tests look at it. */
export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** GETs an address. Without an agent no connection stays open, which would hold up the server's end. */
export function ask(url: string, agent: http.Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.on('error', reject)
  })
}

/** Kills what {@link start} started and removes the launch folders: for afterEach. */
export function endStarted(): void {
  for (const { child, dir } of started.splice(0)) {
    child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
}
