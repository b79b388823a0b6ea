// Installs the frameworks that are too large to be development dependencies into their fixtures, and builds what is to be built.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const FIXTURES = join(import.meta.dirname, '../tests/fixtures/frameworks')

for (const [name, words] of [
  ['nest', ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']],
  ['next', ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']],
  ['next', ['run', 'build']],
]) {
  const { status } = spawnSync('npm', words, { cwd: join(FIXTURES, name), stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
