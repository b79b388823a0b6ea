import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'

/** A small project that is built by the project's own script: each test has a copy of one that was built once. */
let built = ''
let root = ''

beforeAll(() => {
  root = built = mkdtempSync(join(realpathSync(tmpdir()), 'fwt-build-'))
  cpSync(join(PACKAGE_ROOT, 'scripts'), join(root, 'scripts'), { recursive: true })
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(root, 'node_modules'))
  write('package.json', '{ "name": "small", "version": "1.0.0", "type": "module", "files": ["dist"] }')
  write(
    'tsconfig.build.json',
    JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2023', types: [], rootDir: '.', strict: true },
      include: ['cli', 'server'],
    }),
  )
  write('server/asset.txt', 'an asset')
  write('report/asset.txt', 'an asset')
  write('experiments/asset.txt', 'an asset')
  write('live/page/page.css', 'an asset')
  write('live/page/main.ts', 'export const page = 1')
  write(
    'live/page/tsconfig.json',
    '{ "extends": "../../tsconfig.build.json", "compilerOptions": { "rootDir": "../.." }, "include": ["."] }',
  )
  write('cli/commands.ts', 'export async function loadCommands() { return [] }')
  // Says which build it is of, waits until its standard input ends, and only then loads the rest.
  write(
    'cli/main.ts',
    `declare const process: any
import { build } from './build.js'
process.stdout.write(build + ' ')
for await (const chunk of process.stdin) void chunk
const { late } = await import('./late.js')
process.stdout.write(late)`,
  )
  writeBuild('first')
  build()
})

afterAll(() => {
  rmSync(built, { recursive: true, force: true })
})

beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'fwt-build-'))
  cpSync(built, root, { recursive: true, verbatimSymlinks: true })
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function writeBuild(name: string): void {
  write('cli/build.ts', `export const build = '${name}'`)
  write('cli/late.ts', `export const late = '${name}'`)
}

function build(env: Readonly<Record<string, string>> = {}): void {
  const { npm_package_resolved: _, ...ours } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...ours, ...env },
  })
  if (status !== 0) throw new Error(`The build failed:\n${stdout}${stderr}`)
}

function startMain(): ChildProcess {
  return spawn(process.execPath, ['dist/cli/main.js'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
}

async function outputOf(child: ChildProcess): Promise<string> {
  child.stdin?.end()
  return child.stdout === null ? '' : text(child.stdout)
}

/** Builds that are there, `dist` or not. */
function builds(): string[] {
  return readdirSync(join(root, '.build'))
}

describe('a build', () => {
  test('leaves a running program all files of the build that it was started from', async () => {
    build()
    const running = startMain()
    if (running.stdout !== null) await once(running.stdout, 'readable')
    rmSync(join(root, 'cli/late.ts'))
    write('cli/renamed.ts', `export const late = 'second'`)
    write('cli/build.ts', `export const build = 'second'`)
    write('cli/main.ts', readFileSync(join(root, 'cli/main.ts'), 'utf8').replace('./late.js', './renamed.js'))
    build()
    expect(await outputOf(running)).toBe('first first')
    expect(await outputOf(startMain())).toBe('second second')
  })

  test('is there whole at every moment', async () => {
    build()
    const script = join(root, 'scripts/build.mjs')
    const outputs = new Set<string>()
    for (const name of ['second', 'third']) {
      writeBuild(name)
      const building = spawn(process.execPath, [script], { cwd: root, stdio: 'inherit' })
      while (building.exitCode === null) outputs.add(await outputOf(startMain()))
      expect(building.exitCode).toBe(0)
    }
    const whole = ['first first', 'second second', 'third third']
    expect([...outputs].filter((output) => !whole.includes(output))).toEqual([])
    expect(await outputOf(startMain())).toBe('third third')
  })

  test('that fails leaves the one before', async () => {
    build()
    write('cli/late.ts', 'export const late = (')
    expect(() => build()).toThrow(/Expression expected/)
    expect(await outputOf(startMain())).toBe('first first')
    expect(builds()).toHaveLength(1)
  })

  test('of the same sources is not made again', () => {
    build()
    const before = realpathSync(join(root, 'dist'))
    build()
    expect(realpathSync(join(root, 'dist'))).toBe(before)
    expect(builds()).toHaveLength(1)
  })

  test('removes what was replaced more than a day ago', () => {
    build()
    const first = realpathSync(join(root, 'dist'))
    writeBuild('second')
    build()
    expect(builds()).toHaveLength(2)
    const longAgo = new Date(Date.now() - 25 * 3600_000)
    utimesSync(first, longAgo, longAgo)
    utimesSync(realpathSync(join(root, 'dist')), longAgo, longAgo)
    build()
    expect(builds()).toHaveLength(1)
    expect(readFileSync(join(root, 'dist/server/asset.txt'), 'utf8')).toBe('an asset')
  })

  test('for packing is a folder, which the next build replaces', () => {
    build()
    build({ npm_lifecycle_event: 'prepare', npm_package_resolved: root })
    expect(lstatSync(join(root, 'dist')).isDirectory()).toBe(true)
    const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(packed.stdout).toContain('dist/cli/late.js')
    build()
    expect(lstatSync(join(root, 'dist')).isSymbolicLink()).toBe(true)
  })
})
