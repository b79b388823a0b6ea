/**
 * The command line that makes a run again: the words after `forkwise`, with the seed that was drawn for it and the
 * configuration that was picked up for it.
 */
export function reproducingCommand(line: readonly string[], seed: number, config: string | null = null): string {
  const has = (option: string): boolean => line.some((word) => word === option || word.startsWith(`${option}=`))
  const words = [
    ...line,
    ...(config === null || has('--config') ? [] : ['--config', config]),
    ...(has('--seed') ? [] : ['--seed', String(seed)]),
  ]
  return ['npx', 'forkwise', ...words.filter((word) => word !== '--json' && word !== '--live').map(shellQuoted)].join(
    ' ',
  )
}

/** A word as a POSIX shell takes it. */
export function shellQuoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
