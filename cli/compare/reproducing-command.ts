/** The command line that makes a run again: the words after `forkwise`, with the seed that was drawn for it. */
export function reproducingCommand(line: readonly string[], seed: number): string {
  const words =
    line.includes('--seed') || line.some((word) => word.startsWith('--seed='))
      ? line
      : [...line, '--seed', String(seed)]
  return ['npx', 'forkwise', ...words.filter((word) => word !== '--json').map(shellQuoted)].join(' ')
}

/** A word as a POSIX shell takes it. */
export function shellQuoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
