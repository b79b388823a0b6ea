// Packs the package into the folder that is named, and prints the path of the archive. `npm pack` in the checkout gives
// the same files; this leaves `dist` alone, so it may be done while programs run from there.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const destination = resolve(process.argv[2] ?? '.')
const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const stage = mkdtempSync(join(root, '.build', 'stage-'))
try {
  for (const entry of ['package.json', 'README.md', 'LICENSE', ...files.map((file) => file.replace(/\/\*.*$/, ''))]) {
    cpSync(join(root, entry), join(stage, entry), { recursive: true, dereference: true })
  }
  mkdirSync(destination, { recursive: true })
  const before = new Set(readdirSync(destination))
  const { status } = spawnSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination], {
    cwd: stage,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) process.exit(1)
  console.log(join(destination, readdirSync(destination).find((name) => !before.has(name)) ?? ''))
} finally {
  rmSync(stage, { recursive: true, force: true })
}
