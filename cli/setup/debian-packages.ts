import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { findProgram } from '../../cluster/programs.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { SYSTEM_PARTS } from '../../loadtest/preflight.ts'

/** Packages of modules that bring no program of their own. */
const MODULES = ['python3-celery', 'python3-redis']

/** Packages that only the tests of Forkwise need. */
const FOR_TESTS = ['chromium', 'zsh', 'fish']

/** Keeps the packages from starting services (Forkwise starts private ones), and leaves no trace of that. */
const INSTALL = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod +x "$policy"
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
`

/** The Debian packages of all models and commands, in alphabetical order; those of the tests only when asked for. */
export function debianPackages(options: { readonly tests: boolean }): string[] {
  const named = [...SYSTEM_PARTS.flatMap(({ packages }) => packages.split(' ')), ...MODULES]
  const used = named.filter((name) => !FOR_TESTS.includes(name))
  return [...new Set(options.tests ? [...used, ...FOR_TESTS] : used)].toSorted()
}

/** Which of some Debian packages are installed; none where there is no dpkg. */
export function installedPackages(names: readonly string[]): Set<string> {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${Package} ${Status}\\n', ...names], { encoding: 'utf8' })
  const lines = (stdout ?? '').split('\n').filter((line) => line.endsWith(' install ok installed'))
  return new Set(lines.map((line) => line.slice(0, line.indexOf(' '))))
}

/**
 * Installs Debian packages with apt-get, through sudo where this is not root; its output goes to stderr. Once begun, it
 * is not interrupted: apt-get is not to be left half-way. Throws PART_MISSING, with what to do by hand, when it cannot.
 */
export async function installPackages(names: readonly string[], path?: string): Promise<void> {
  const byHand = `apt-get install --no-install-recommends ${names.join(' ')}`
  if (findProgram('apt-get', path) === null) {
    throw new ForkwiseError('PART_MISSING', {
      message: 'Expected apt-get (Debian or Ubuntu) to install system parts, found none.',
      hint: `Install by other means what these packages bring: ${names.join(' ')}. \`forkwise setup tools\` does the rest.`,
    })
  }
  const sudo = process.getuid?.() === 0 ? [] : ['sudo']
  if (sudo.length > 0 && findProgram('sudo', path) === null) {
    throw new ForkwiseError('PART_MISSING', {
      message: 'Expected to be root or to have sudo, for apt-get; got neither.',
      hint: `As root, run \`${byHand}\`.`,
    })
  }
  const [program = 'sh', ...words] = [...sudo, 'sh', '-c', INSTALL, 'sh', ...names]
  const [code] = (await once(spawn(program, words, { stdio: ['inherit', 2, 2] }), 'exit')) as [number | null]
  if (code === 0) return
  throw new ForkwiseError('PART_MISSING', {
    message: `Expected apt-get to install the system parts, got exit code ${code ?? 'none'}; its output is above.`,
    hint: `Try it by hand: \`${byHand}\`.`,
  })
}
