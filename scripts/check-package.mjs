// Packs the package as it would be published and checks it: its size, publint, and @arethetypeswrong/cli.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Most that the archive may weigh, in bytes. */
const MOST_BYTES = 1.5e6

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'node_modules', '.bin')
const folder = mkdtempSync(join(tmpdir(), 'forkwise-package-'))
try {
  const archive = output(process.execPath, join(root, 'scripts', 'pack.mjs'), folder).trim()
  const { size } = statSync(archive)
  if (size > MOST_BYTES) throw new Error(`Expected a package of at most ${MOST_BYTES} bytes, got ${size}.`)
  output(join(bin, 'publint'), 'run', '--strict', archive)
  // The package has ES modules only; `require` gets them on every Node that it supports, which this profile stands for.
  output(join(bin, 'attw'), '--profile', 'esm-only', archive)
  console.log(`package: ${(size / 1e6).toFixed(2)} MB, publint and attw found nothing`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function output(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}${error?.message ?? ''}`)
}
