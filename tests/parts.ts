import { spawnSync } from 'node:child_process'
import { describe, test } from 'vitest'
import { SYSTEM_PARTS } from '../loadtest/preflight.ts'

/** How to get each part that npm cannot bring: Debian packages of the product's own parts, and of what only tests need. */
const APT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SYSTEM_PARTS.map(({ program, packages }) => [program, packages])),
  promtool: 'prometheus',
  zsh: 'zsh',
  fish: 'fish',
  tmux: 'tmux',
  taskset: 'util-linux',
  unshare: 'util-linux',
  ip: 'iproute2',
  tc: 'iproute2',
}

/** True when every part must be there (`FORKWISE_REQUIRE_ALL=1`): a missing one is then a failure. */
export const REQUIRE_ALL: boolean = process.env['FORKWISE_REQUIRE_ALL'] === '1'

/** Which of the named programs are not on this machine. */
export function missingParts(parts: readonly string[]): string[] {
  return parts.filter((part) => spawnSync('sh', ['-c', `command -v ${part}`]).status !== 0)
}

/** A test that needs programs npm cannot bring: skipped by name, with how to get them, where they are missing. */
export function partTest(parts: readonly string[], name: string, run: () => Promise<void> | void): void {
  const missing = missingParts(parts)
  if (missing.length === 0) test(name, run)
  else if (REQUIRE_ALL) test(name, () => failFor(missing))
  else test.skip(`${name} ${remedy(missing)}`, run)
}

/** A group of tests that need programs npm cannot bring; see {@link partTest}. */
export function describeWith(parts: readonly string[], name: string, body: () => void): void {
  const missing = missingParts(parts)
  if (missing.length === 0) describe(name, body)
  else if (REQUIRE_ALL) describe(name, () => test('needs its parts', () => failFor(missing)))
  else describe.skip(`${name} ${remedy(missing)}`, body)
}

function failFor(missing: readonly string[]): never {
  throw new Error(`FORKWISE_REQUIRE_ALL=1, but missing: ${remedy(missing)}`)
}

function remedy(missing: readonly string[]): string {
  const packages = missing.map((part) => APT[part] ?? part).join(' ')
  return `[needs ${missing.join(', ')}: npx forkwise setup, or apt-get install ${packages}]`
}
