/** Headers whose values let somebody in: reports are shown around, and go without them. */
const CONFIDENTIAL = /^([^:]*(?:authorization|cookie|token|secret|password|api-?key)[^:]*):\s*\S.*$/is

/**
 * The command line that makes a run again: the words after `forkwise`, with the seed that was drawn for it and the
 * configuration that was picked up for it; what lets somebody in is left out of its headers (`authorization: …`).
 */
export function reproducingCommand(line: readonly string[], seed: number, config: string | null = null): string {
  const has = (option: string): boolean => line.some((word) => word === option || word.startsWith(`${option}=`))
  const words = [
    ...line.map((word, index) => withoutSecret(word, line[index - 1])),
    ...(config === null || has('--config') ? [] : ['--config', config]),
    ...(has('--seed') ? [] : ['--seed', String(seed)]),
  ]
  return ['npx', 'forkwise', ...words.filter((word) => word !== '--json' && word !== '--live').map(shellQuoted)].join(
    ' ',
  )
}

function withoutSecret(word: string, before: string | undefined): string {
  if (before === '-H' || before === '--header') return word.replace(CONFIDENTIAL, '$1: …')
  const [, option, header] = /^(-H|--header=)(.+)$/s.exec(word) ?? []
  return option === undefined || header === undefined ? word : option + header.replace(CONFIDENTIAL, '$1: …')
}

/** A word as a POSIX shell takes it. */
export function shellQuoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
