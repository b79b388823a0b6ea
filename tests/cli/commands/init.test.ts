import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { command } from '../../../cli/commands/init.ts'
import type { Invocation } from '../../../cli/command.ts'
import type { ForkwiseError } from '../../../core/errors.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-init-'))
  vi.spyOn(process, 'cwd').mockReturnValue(dir)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(dir, { recursive: true, force: true })
})

const init = (values: Invocation['values']): Promise<number> =>
  command.run({
    positionals: [],
    values,
    json: false,
    signal: new AbortController().signal,
    terminal: {
      interactive: false,
      columns: 100,
      result: () => undefined,
      note: () => undefined,
      live: () => undefined,
      style: (_, text) => text,
    },
    line: ['init'],
  })

test('a configuration that is there and an app that is not are reported at once, and nothing is changed', async () => {
  writeFileSync(join(dir, 'forkwise.config.json'), 'mine')
  const error = await init({ app: 'nowhere.js' }).catch((thrown: unknown) => thrown as ForkwiseError)
  expect(error).toMatchObject({
    code: 'USAGE',
    problems: [
      { message: expect.stringContaining('got forkwise.config.json') as string, hint: 'Replace it with `--force`.' },
      { message: expect.stringContaining('got "nowhere.js"') as string },
    ],
  })
  expect(readdirSync(dir)).toEqual(['forkwise.config.json'])
  expect(readFileSync(join(dir, 'forkwise.config.json'), 'utf8')).toBe('mine')
})

test('a folder is no app', async () => {
  await expect(init({ app: '.' })).rejects.toThrow('Expected `--app` to be a file, got "."')
})
