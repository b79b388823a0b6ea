import { vi } from 'vitest'
import { performCommand } from '../../cli/command-line.ts'
import { processTerminal } from '../../cli/terminal.ts'
import type { Ended } from './forkwise-process.ts'

/**
 * Performs a command line in this process, as it would be in `dir`: what it prints and its exit code. That the program
 * itself hands both on is tested once (start.real.test.ts); a process for each line would take a second of CPU.
 */
export async function performIn(
  dir: string,
  words: readonly string[],
): Promise<Pick<Ended, 'code' | 'stdout' | 'stderr'>> {
  const before = process.cwd()
  const printed = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text)
      return true
    }),
  )
  process.chdir(dir)
  vi.stubEnv('TMPDIR', dir)
  vi.stubEnv('NO_COLOR', '1')
  try {
    const code = await performCommand(words, processTerminal(), new AbortController().signal)
    return { code, ...printed }
  } finally {
    vi.unstubAllEnvs()
    process.chdir(before)
    for (const spy of spies) spy.mockRestore()
  }
}
