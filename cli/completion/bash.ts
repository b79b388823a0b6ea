import type { CompletedCommand, Completion } from './words.ts'

/** A completion script for bash, to be sourced: `source <(forkwise completion bash)`. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of forkwise for bash. Use it with: source <(forkwise completion bash)
${completionFunctions(commands)}
complete -F _forkwise forkwise
`
}

/** A completion script for zsh, which runs bash's functions. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of forkwise for zsh. Use it with: source <(forkwise completion zsh)
autoload -Uz +X compinit && compinit
autoload -Uz +X bashcompinit && bashcompinit
${completionFunctions(commands)}
complete -F _forkwise forkwise
`
}

function completionFunctions(commands: readonly CompletedCommand[]): string {
  const options = commands.map(({ name, options }) =>
    branch(name, `options=${quoted(options.map(({ flag }) => flag))}`),
  )
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ flag, value }) =>
      value === null ? [] : [branch(`${name} ${flag}`, `${reply(value)}; return`)],
    ),
  )
  const args = commands.map(({ name, argument }) => branch(name, reply(argument)))
  return `_forkwise_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_forkwise_list() {
  local done=''
  case "$cur" in *,*) done="\${cur%,*}," ;; esac
  COMPREPLY=($(compgen -P "$done" -W "$1" -- "\${cur##*,}"))
}
_forkwise_files() { COMPREPLY=($(compgen -f -- "$cur")); }
_forkwise() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev='' command='' options=''
  if [ "$COMP_CWORD" -ge 1 ]; then prev="\${COMP_WORDS[COMP_CWORD-1]}"; fi
  if [ "$COMP_CWORD" -le 1 ]; then
    _forkwise_words ${quoted([...commands.map(({ name }) => name), 'help', '--help', '--version'])}
    return
  fi
  command="\${COMP_WORDS[1]}"
  case "$command $prev" in
${indented(values)}
  esac
  case "$command" in
    help) _forkwise_words ${quoted(commands.map(({ name }) => name))}; return ;;
${indented(options)}
  esac
  case "$cur" in -*) _forkwise_words "$options"; return ;; esac
  case "$command" in
${indented(args)}
  esac
}`
}

function branch(pattern: string, does: string): string {
  return `'${pattern}') ${does} ;;`
}

function reply(completion: Completion): string {
  if (completion.kind === 'files') return '_forkwise_files'
  if (completion.kind === 'anything') return 'COMPREPLY=()'
  return `${completion.separated ? '_forkwise_list' : '_forkwise_words'} ${quoted(completion.words)}`
}

/** Words in single quotes: all of ours are names without quotes in them. */
function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join('\n')
}
