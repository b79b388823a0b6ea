// Compiles the product into a folder of its own below .build, copies the files that are not TypeScript, writes what the
// command line says of its commands, and then makes `dist` point to it.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { copyForPacking, publish, removeOld } from './builds.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

mkdirSync(join(root, '.build'), { recursive: true })
const folder = mkdtempSync(join(root, '.build', 'dist-'))
chmodSync(folder, 0o755)
try {
  await build()
} catch (error) {
  rmSync(folder, { recursive: true, force: true })
  throw error
}
removeOld(root)

async function build() {
  const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', folder], {
    stdio: 'inherit',
  })
  if (compiled.status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    process.exit(compiled.status ?? 1)
  }
  cpSync(join(root, 'server'), join(folder, 'server'), {
    recursive: true,
    filter: (from) => !from.endsWith('.ts') && !from.includes('__pycache__'),
  })
  chmodSync(join(folder, 'cli', 'main.js'), 0o755)
  const { loadCommands } = await import(pathToFileURL(join(folder, 'cli', 'commands.js')).href)
  writeFileSync(join(folder, 'cli', 'commands.json'), JSON.stringify(await loadCommands()))
  // npm packs no files behind a symbolic link. It says what it prepares for packing, of a checkout and of a git dependency.
  if (process.env.npm_lifecycle_event === 'prepare' && process.env.npm_package_resolved === root) {
    copyForPacking(root, folder)
  } else {
    publish(root, folder)
  }
}
