import { TOOLS_FOLDER } from '../../cluster/tools.ts'
import { EXIT } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { IN_CHECKOUT } from '../../core/paths.ts'
import type { Command, Terminal } from '../command.ts'
import { definitionLines } from '../definitions.ts'
import { debianPackages, installedPackages, installPackages } from '../setup/debian-packages.ts'
import { installedVersion, installTools, NPM_TOOLS } from '../setup/npm-tools.ts'

const KINDS = ['system', 'tools'] as const

/** Something that is to be on the machine. */
interface Part {
  readonly kind: (typeof KINDS)[number]
  readonly name: string
  readonly installed: boolean
}

/** `forkwise setup`: what npm does not bring with the package. */
export const command: Command = {
  name: 'setup',
  summary: 'Install what some models need: Debian packages, and a newer Node, Watt, Bun and Deno.',
  positionals: '[system|tools]',
  arity: [0, 1],
  description:
    'Installs what is missing of two kinds. `system`: programs such as NGINX, Redis, Gunicorn and Prometheus, from Debian ' +
    'packages, with apt-get as root or through sudo; none of them starts a service. `tools`: npm packages that are too ' +
    'large to come with Forkwise, in a folder of their own: `.tools` of a checkout, else `forkwise/tools` below ' +
    '$XDG_DATA_HOME or ~/.local/share. Without an argument, both. A checkout also gets what its tests need.',
  options: [{ name: 'dry-run', type: 'boolean', help: 'Only say what is there and what would be installed.' }],
  examples: [
    { line: 'forkwise setup --dry-run', meaning: 'What is missing?' },
    { line: 'forkwise setup', meaning: 'Install it.' },
    { line: 'forkwise setup tools', meaning: 'What needs no root alone.' },
  ],
  json: true,
  async run({ positionals, values, json, signal, terminal }) {
    const [kind] = positionals
    if (kind !== undefined) requireKnown('a kind of part', [kind], KINDS)
    const wanted = (): Part[] => allParts().filter((part) => kind === undefined || part.kind === kind)
    if (values['dry-run'] !== true) await install(wanted(), signal)
    const parts = wanted()
    terminal.result(
      json
        ? JSON.stringify({ schema: 'forkwise/setup@1', toolsFolder: TOOLS_FOLDER, parts }, null, 2)
        : partsText(parts, terminal),
    )
    return EXIT.ok
  },
}

async function install(parts: readonly Part[], signal: AbortSignal): Promise<void> {
  const missing = parts.filter(({ installed }) => !installed)
  const packages = missing.filter(({ kind }) => kind === 'system').map(({ name }) => name)
  if (packages.length > 0) await installPackages(packages)
  signal.throwIfAborted()
  if (missing.some(({ kind }) => kind === 'tools')) await installTools(signal)
}

function allParts(): Part[] {
  const packages = debianPackages({ tests: IN_CHECKOUT })
  const present = installedPackages(packages)
  return [
    ...packages.map((name): Part => ({ kind: 'system', name, installed: present.has(name) })),
    ...NPM_TOOLS.map((tool): Part => ({
      kind: 'tools',
      name: `${tool.name}@${installedVersion(tool) ?? tool.wanted}`,
      installed: installedVersion(tool) !== null,
    })),
  ]
}

function partsText(parts: readonly Part[], terminal: Terminal): string {
  const titles = { system: 'Debian packages', tools: `npm packages in ${TOOLS_FOLDER}` } as const
  const namesOf = (kind: Part['kind'], installed: boolean): string =>
    parts
      .filter((part) => part.kind === kind && part.installed === installed)
      .map(({ name }) => name)
      .join(' ')
  return KINDS.filter((kind) => parts.some((part) => part.kind === kind))
    .flatMap((kind) => [
      terminal.style('strong', titles[kind]),
      ...definitionLines(
        [
          { label: '  installed', texts: [namesOf(kind, true) || 'none'] },
          { label: '  missing', texts: [namesOf(kind, false) || 'none'] },
        ],
        terminal.columns,
      ),
    ])
    .join('\n')
}
