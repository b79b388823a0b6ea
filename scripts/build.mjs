// Compiles the product to dist/, copies the files that are not TypeScript, and removes what has no source any more.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)
cpSync(join(root, 'server'), join(root, 'dist', 'server'), {
  recursive: true,
  filter: (from) => !from.endsWith('.ts') && !from.includes('__pycache__'),
})
const command = join(root, 'dist', 'cli', 'main.js')
if (existsSync(command)) chmodSync(command, 0o755)
