import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../core/paths.ts'

/** An otherwise empty project in which the packed package is installed, as a user does it. */
let project = ''

/** The program as npm installs it; the short load starts it with npx. */
const FORKWISE = join('node_modules', '.bin', 'forkwise')

interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in the project, or elsewhere, to its end. What npm says to those below it is left out. */
function run(program: string, args: readonly string[], cwd: string = project): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: { ...env, NO_COLOR: '1' } }, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

async function runOk(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args, cwd)
  expect(exitCode, `${program} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
  return stdout
}

function write(name: string, text: string): void {
  writeFileSync(join(project, name), text)
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devDependencies?: unknown }>>
}

/** What npm needs to install the archive from its cache: our own lock without what we develop with. */
function lockFor(archive: string): object {
  const { packages } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8')) as Lock
  const { devDependencies: _, ...forkwise } = packages[''] ?? {}
  const used = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  return {
    name: 'project',
    lockfileVersion: 3,
    packages: {
      '': { name: 'project', dependencies: { forkwise: `file:${archive}` } },
      'node_modules/forkwise': { ...forkwise, resolved: `file:${archive}` },
      ...Object.fromEntries(used),
    },
  }
}

beforeAll(async () => {
  project = mkdtempSync(join(realpathSync(tmpdir()), 'fwt-package-'))
  const packed = await runOk(process.execPath, [join(PACKAGE_ROOT, 'scripts/pack.mjs'), project], PACKAGE_ROOT)
  const archive = basename(packed.trim())
  write('package.json', JSON.stringify({ name: 'project', dependencies: { forkwise: `file:${archive}` } }))
  write('package-lock.json', JSON.stringify(lockFor(archive)))
  await runOk('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'])
})

afterAll(() => {
  rmSync(project, { recursive: true, force: true })
})

/** Uses every entry of the package, however it came by it. */
const USES = `
const queue = { ForkwiseError: typeof ForkwiseError, id: typeof defineHandler, capacity: Object.keys(capacity).length > 0 }
console.log(JSON.stringify({ ...queue, config: defineConfig({ models: ['single'] }) }))
`
const USED = { ForkwiseError: 'function', id: 'function', capacity: true, config: { models: ['single'] } }

describe('the installed package', () => {
  test('is built, and brings no sources, tests or tools', () => {
    const folder = join(project, 'node_modules', 'forkwise')
    expect(readdirSync(folder).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dashboards',
      'dist',
      'docs',
      'ecosystem.config.js',
      'package.json',
    ])
    const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /\.test\.|\.map$|(?<!\.d)\.ts$/.test(file))).toEqual([])
    expect(
      ['typescript', 'vitest', '@grafana', '@lezer'].filter((name) => existsSync(join(project, 'node_modules', name))),
    ).toEqual([])
  })

  test('is imported from ES modules', async () => {
    write(
      'esm.mjs',
      `import { defineConfig, ForkwiseError } from 'forkwise'
import { defineHandler } from 'forkwise/server'
import * as capacity from 'forkwise/capacity'
${USES}`,
    )
    expect(JSON.parse(await runOk(process.execPath, ['esm.mjs']))).toEqual(USED)
  })

  test('is required from CommonJS, without a warning', async () => {
    write(
      'cjs.cjs',
      `const { defineConfig, ForkwiseError } = require('forkwise')
const { defineHandler } = require('forkwise/server')
const capacity = require('forkwise/capacity')
${USES}`,
    )
    const { stdout, stderr } = await run(process.execPath, ['cjs.cjs'])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(USED)
  })

  test('loads every command without what we develop with', async () => {
    write(
      'commands.mjs',
      `import { readdirSync } from 'node:fs'
const folder = new URL('./node_modules/forkwise/dist/cli/commands/', import.meta.url)
for (const file of readdirSync(folder)) if (file.endsWith('.js')) await import(new URL(file, folder).href)`,
    )
    await runOk(process.execPath, ['commands.mjs'])
    const { exitCode, stderr } = await run(FORKWISE, ['dashboards', 'build'])
    expect(stderr).toContain(join('forkwise', 'dashboards', 'dist'))
    expect(exitCode).toBe(2)
  })

  test('has types for strict programs, libraries checked too, and refuses a setting that does not exist', async () => {
    const source = `import { defineConfig, ForkwiseError, type ForkwiseConfig } from 'forkwise'
import { defineHandler } from 'forkwise/server'
import * as capacity from 'forkwise/capacity'
export const config: ForkwiseConfig = defineConfig({ models: ['single'], budget: '10m' })
export const twice = defineHandler({ id: 'twice', run: (n: number) => 2 * n })
export const isOurs = (error: unknown): boolean => error instanceof ForkwiseError
export { capacity }
`
    write('consumer.mts', source)
    write('consumer.cts', source)
    write('wrong.mts', `import { defineConfig } from 'forkwise'\nexport default defineConfig({ modles: ['single'] })\n`)
    const options = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, module: 'nodenext' }
    const compilerOptions = { ...options, target: 'es2023', types: ['node'], noEmit: true }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.mts', 'consumer.cts', 'wrong.mts'] }))
    const tsc = join(PACKAGE_ROOT, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [tsc, '-p', '.', '--pretty', 'false'])
    // The one complaint, and nothing of the right programs or of any library.
    expect(stdout).toContain(`'modles' does not exist`)
    expect(stdout.split('\n').filter((line) => line !== '' && !/^(wrong\.mts| )/.test(line))).toEqual([])
  })

  test('reads a configuration in TypeScript', async () => {
    write(
      'forkwise.config.ts',
      `import { defineConfig, type ForkwiseConfig } from 'forkwise'
const workers: number = -7
export default defineConfig({ workers } satisfies ForkwiseConfig)`,
    )
    const { exitCode, stderr } = await run(FORKWISE, ['compare', '--quick'])
    expect(stderr).toContain('forkwise.config.ts')
    expect(stderr).toContain('-7')
    expect(exitCode).toBe(2)
    rmSync(join(project, 'forkwise.config.ts'))
  })

  test('keeps its tools in a folder of the user, and says what is missing there', async () => {
    const home = join(project, 'home')
    const words = ['setup', 'tools', '--dry-run', '--json']
    const setup = JSON.parse(await runOk('env', [`XDG_DATA_HOME=${home}`, FORKWISE, ...words])) as {
      toolsFolder: string
      parts: readonly { kind: string; name: string; installed: boolean }[]
    }
    expect(setup.toolsFolder).toBe(join(home, 'forkwise', 'tools'))
    expect(setup.parts).toContainEqual({ kind: 'tools', name: 'node@24', installed: false })
    expect(existsSync(home)).toBe(false)
  })

  test('makes a short load', async () => {
    const server = await listen()
    const { port } = server.address() as AddressInfo
    const address = `http://127.0.0.1:${port}/`
    try {
      const words = ['forkwise', 'load', address, '--rate', '50', '--duration', '1s', '--json']
      const record = JSON.parse(await runOk('npx', words)) as { ok: number }
      expect(record.ok).toBeGreaterThan(0)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

function listen(): Promise<Server> {
  const server = createServer((_, response) => response.end('ok'))
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
