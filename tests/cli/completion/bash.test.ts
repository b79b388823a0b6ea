import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bashScript, zshScript } from '../../../cli/completion/bash.ts'
import { fishScript } from '../../../cli/completion/fish.ts'
import { completedCommands } from '../../../cli/completion/words.ts'
import { partTest } from '../../parts.ts'

const commands = await completedCommands()

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const line = ['forkwise', ...words].map((word) => `'${word}'`).join(' ')
  const script = `${bashScript(commands)}
COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _forkwise; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

test.each<[string, string[], string[]]>([
  ['a command', ['comp'], ['compare', 'completion']],
  ['an option of the command', ['compare', '--bas'], ['--baseline']],
  ['no option of another command', ['load', '--baseline'], []],
  ['a model', ['serve', 'cluster-s'], ['cluster-shared']],
  ['a model after an option', ['compare', '--baseline', 'pm2-f'], ['pm2-fork']],
  ['the next model of a list', ['compare', '--models', 'single,worker-'], ['single,worker-pool']],
  ['a workload', ['compare', '--workloads', 'm'], ['mixed']],
  ['the words of a choice', ['compare', '--undecided', ''], ['fail', 'warn']],
  ['a kind of thing to list', ['list', 'w'], ['workloads']],
  ['a shell', ['completion', 'f'], ['fish']],
  ['nothing where anything may stand', ['compare', '--budget', ''], []],
])('bash completes %s', (_what, words, expected) => {
  expect(offered(...words)).toEqual(expected)
})

test('bash completes every command and, after each, every option', () => {
  expect(offered('')).toEqual(expect.arrayContaining(commands.map(({ name }) => name)))
  for (const { name, options } of commands) expect(offered(name, '--')).toEqual(options.map(({ flag }) => flag))
})

for (const [shell, script, check] of [
  ['zsh', zshScript(commands), 'zsh -n'],
  ['fish', fishScript(commands), 'cat | fish --no-execute'],
] as const) {
  test(`${shell} gets every command`, () => {
    for (const { name } of commands) expect(script).toContain(name)
  })

  partTest([shell], `${shell} takes its script, and would not take a broken one`, () => {
    const complaintsOf = (input: string): string => spawnSync('sh', ['-c', check], { input, encoding: 'utf8' }).stderr
    expect(complaintsOf(script)).toBe('')
    expect(complaintsOf(`${script}\nif true`)).not.toBe('')
  })
}
