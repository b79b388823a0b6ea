import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { assert, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseArguments } from '../../cli/arguments.ts'
import type { Command } from '../../cli/command.ts'
import { loadCommands } from '../../cli/commands.ts'
import { reportFailure } from '../../cli/failure.ts'
import { processTerminal } from '../../cli/terminal.ts'
import { EXIT } from '../../core/errors.ts'

// Any text as the value of any option, or as an argument, of any command: it is refused, and what is written about it has
// no character that steers and no endless line.

const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const LONGEST_LINE = 4000

const hostile = oneof(
  string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  string({
    unit: constantFrom('\u001B[2J', '\u009B31m', '\u202E', '\u2066', '\u200F', '\u2028', '\r', '\n', '\t', 'a'),
    minLength: 1,
  }),
  string({ unit: constantFrom('&', '"', '<', '|', '\\', ',', 'x'), minLength: 5000, maxLength: 10_000 }),
)

/** Options whose value is then wrong besides, so that nothing is ever begun. */
const ALSO_WRONG = ['timeout', 'workers', 'seed'] as const

const commands = (await loadCommands()).filter(({ name }) => name !== 'setup')
const before = process.cwd()
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-options-'))
  process.chdir(dir)
})

afterAll(() => {
  process.chdir(before)
  rmSync(dir, { recursive: true, force: true })
})

describe.each(commands)('$name', (command) => {
  const options = command.options.filter(({ type }) => type === 'string').map(({ name }) => name)

  test.each([...options, 'argument'])('%s', async (option) => {
    await assert(
      asyncProperty(hostile, async (text) => {
        const { written, exitCode } = await writtenBy(command, option, text)
        expect(exitCode).not.toBe(EXIT.fault)
        for (const line of written.split('\n')) {
          const at = STEERING.exec(line)
          expect(at === null ? '' : JSON.stringify(line.slice(Math.max(0, at.index - 60), at.index + 60))).toBe('')
          expect(line.length).toBeLessThanOrEqual(LONGEST_LINE)
        }
      }),
      { seed: 1, numRuns: 4, endOnFailure: true },
    )
  })
})

/** What a command writes about a text that it is given, and how it ends; it is told to stop before it begins. */
async function writtenBy(
  command: Command,
  option: string,
  text: string,
): Promise<{ readonly written: string; readonly exitCode: number }> {
  const written: string[] = []
  const keep = (part: unknown): boolean => written.push(String(part)) > 0
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep))
  const terminal = processTerminal()
  const argument = option === 'argument' ? text : 'x'
  const wrong = ALSO_WRONG.filter((name) => name !== option && command.options.some((each) => each.name === name))
  const words = [
    ...(option === 'argument' ? [] : [`--${option}=${text}`]),
    ...wrong.map((name) => `--${name}=nothing`),
    '--',
    ...Array.from({ length: Math.max(command.arity[0], option === 'argument' ? 1 : 0) }, () => argument),
  ]
  const signal = AbortSignal.abort(new Error('Nothing is to begin.'))
  try {
    const { values, positionals } = parseArguments(command, words)
    const exitCode = await command.run({ positionals, values, json: false, signal, terminal, line: words })
    return { written: written.join(''), exitCode }
  } catch (thrown) {
    const interrupted = thrown === signal.reason ? signal : new AbortController().signal
    const exitCode = reportFailure(thrown, terminal, false, interrupted)
    return { written: written.join(''), exitCode }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
