import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandNames, loadCommands } from '../../cli/commands.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'

const DIST = realpathSync(join(PACKAGE_ROOT, 'dist'))
const RECORDER = pathToFileURL(join(PACKAGE_ROOT, 'tests/fixtures/record-modules.mjs')).href

let dir = ''
let runs = 0

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fwt-start-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

interface StartOfCommandLine {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** Files of the build that were loaded, relative to dist. */
  readonly ours: readonly string[]
  /** Everything else that was loaded and is no part of Node. */
  readonly foreign: readonly string[]
}

function start(...words: readonly string[]): Promise<StartOfCommandLine> {
  const file = join(dir, `modules-${(runs += 1)}.txt`)
  const args = ['--import', RECORDER, join(DIST, 'cli/main.js'), ...words]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, MODULES_FILE: file } }, (error, stdout, stderr) => {
      const urls = readFileSync(file, 'utf8').trim().split('\n')
      const files = urls.filter((url) => url.startsWith('file:')).map((url) => relative(DIST, fileURLToPath(url)))
      resolve({
        exitCode: Number(error?.code ?? 0),
        stdout,
        stderr,
        ours: files.filter((path) => !path.startsWith('..')),
        foreign: files.filter((path) => path.startsWith('..')),
      })
    })
  })
}

function commandsAmong(files: readonly string[]): string[] {
  return files.filter((path) => path.startsWith('cli/commands/'))
}

describe('what a start loads', () => {
  test.each([
    ['the version', ['--version'], 0],
    ['the overview', ['--help'], 0],
    ['the help of a command', ['load', '--help'], 0],
    ['the help of a command by its other name', ['help', 'compare'], 0],
    ['a command that does not exist', ['lode'], 2],
    ['an option that does not exist', ['compare', '--modles', 'single'], 2],
  ])('%s: no command and no package', async (_what, words, exitCode) => {
    const started = await start(...words)
    expect(started.exitCode, started.stderr).toBe(exitCode)
    expect(started.ours).toContain('cli/command-line.js')
    expect(commandsAmong(started.ours)).toEqual([])
    expect(started.foreign).toEqual([])
  })

  test('a command that runs: itself, and no other', async () => {
    const started = await start('load', 'no-address')
    expect(started.exitCode, started.stderr).toBe(2)
    expect(commandsAmong(started.ours)).toEqual(['cli/commands/load.js'])
    expect(
      started.foreign.filter((path) =>
        /grafana|lezer|bullmq|piscina|express|undici|hdr-histogram|autocannon/.test(path),
      ),
    ).toEqual([])
  })

  test('a completion script: no command but its own', async () => {
    const started = await start('completion', 'bash')
    expect(started.exitCode, started.stderr).toBe(0)
    expect(commandsAmong(started.ours)).toEqual(['cli/commands/completion.js'])
  })
})

test('the build describes every command as the command itself does', async () => {
  const described: unknown = JSON.parse(readFileSync(join(DIST, 'cli/commands.json'), 'utf8'))
  const commands = await loadCommands()
  expect(commands.map(({ name }) => name)).toEqual(commandNames())
  expect(described).toEqual(JSON.parse(JSON.stringify(commands)))
})
