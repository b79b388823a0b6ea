// Compiles the product into a folder of its own below .build, unless it was built from the same sources before, and
// makes `dist` point to it.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { copyForPacking, folderOfBuild, publish, removeOld } from './builds.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8'))
/** Types are the matter of `npm run check:types`: checking them here again would take four times as long. */
const EMIT = ['--noEmit', 'false', '--noCheck', '--incremental', 'false', '--tsBuildInfoFile', 'null']
const folder = folderOfBuild(root, include)

mkdirSync(join(root, '.build'), { recursive: true })
if (!existsSync(folder)) await build()
// npm packs no files behind a symbolic link. It says what it prepares for packing, of a checkout and of a git dependency.
const packs = process.env.npm_lifecycle_event === 'prepare' && process.env.npm_package_resolved === root
if (packs) copyForPacking(root, folder)
else publish(root, folder)
removeOld(root, folder)

async function build() {
  const fresh = mkdtempSync(join(root, '.build', 'fresh-'))
  chmodSync(fresh, 0o755)
  try {
    compile(fresh)
    for (const name of ['server', 'report', 'live', 'experiments']) {
      cpSync(join(root, name), join(fresh, name), {
        recursive: true,
        filter: (from) => !/\.ts$|tsconfig\.json$/.test(from) && !from.includes('__pycache__'),
      })
    }
    chmodSync(join(fresh, 'cli', 'main.js'), 0o755)
    const { loadCommands } = await import(pathToFileURL(join(fresh, 'cli', 'commands.js')).href)
    writeFileSync(join(fresh, 'cli', 'commands.json'), JSON.stringify(await loadCommands()))
    // Another build of the same sources may have been faster.
    if (!existsSync(folder)) renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function compile(outDir) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  for (const project of ['tsconfig.build.json', join('live', 'page', 'tsconfig.json')]) {
    const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, project), '--outDir', outDir, ...EMIT], {
      stdio: 'inherit',
    })
    if (status === 0) continue
    rmSync(outDir, { recursive: true, force: true })
    process.exit(status ?? 1)
  }
}
