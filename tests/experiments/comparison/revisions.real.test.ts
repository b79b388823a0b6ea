import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readProcess } from '../../../cluster/proc.ts'
import { checkOut, checkOutAgain, type CheckoutOptions } from '../../../experiments/comparison/revisions.ts'

let root = ''
const back = process.cwd()
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(os.tmpdir(), 'fw-')))
  git('init', '-q', '-b', 'main')
  mkdirSync(join(root, 'node_modules/dep'), { recursive: true })
  for (const [name, text] of Object.entries({
    '.gitignore': 'node_modules\ndist\n',
    'app.js': 'one',
    'package-lock.json': '1',
  })) {
    writeFileSync(join(root, name), text)
  }
  commit('one')
  writeFileSync(join(root, 'app.js'), 'two')
  writeFileSync(join(root, 'package-lock.json'), '2')
  commit('two')
  process.chdir(root)
})
afterEach(() => {
  process.chdir(back)
  rmSync(root, { recursive: true, force: true })
})

function git(...words: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false']
  return execFileSync('git', ['-C', root, ...identity, ...words], { encoding: 'utf8' })
}

function commit(text: string): void {
  git('add', '-A')
  git('commit', '-q', '-m', text)
}

function options(changes: Partial<CheckoutOptions> = {}): CheckoutOptions {
  return { build: null, signal: new AbortController().signal, onProgress: () => undefined, ...changes }
}

const app = (): { module: string } => ({ module: join(root, 'app.js') })

test('each revision has its files and the installed modules, and nothing of it is left in the repository', async () => {
  const revisions = await checkOut(['HEAD~1', 'main'], app(), options())
  const [old, now] = [...revisions.byName.values()]
  expect(readFileSync(old?.app.module ?? '', 'utf8')).toBe('one')
  expect(readFileSync(now?.app.module ?? '', 'utf8')).toBe('two')
  expect(old?.recorded.commit).toBe(git('rev-parse', 'HEAD~1').trim())
  expect(existsSync(join(old?.app.cwd ?? '', 'node_modules/dep'))).toBe(true)
  expect(revisions.notes).toEqual([expect.stringContaining('HEAD~1 asks for other packages than are installed')])
  await revisions.close()
  expect(existsSync(old?.app.cwd ?? '')).toBe(false)
  expect(existsSync(join(root, 'node_modules/dep'))).toBe(true)
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(git('status', '--porcelain')).toBe('')
})

test('a build runs in the folder of each revision, and what it makes is the app', async () => {
  const module = join(root, 'dist/app.js')
  const build = 'mkdir dist && cp app.js dist/app.js && test "$NODE_ENV" != production'
  const revisions = await checkOut(['HEAD~1'], { module }, options({ build }))
  const [found] = [...revisions.byName.values()]
  expect(readFileSync(found?.app.module ?? '', 'utf8')).toBe('one')
  expect(existsSync(module)).toBe(false)
  await revisions.close()
})

test('revisions of a recorded run are checked out and built again, the very commits', async () => {
  const module = join(root, 'dist/app.js')
  const build = 'mkdir dist && cp app.js dist/app.js'
  const before = await checkOut(['HEAD~1'], { module }, options({ build }))
  const [found] = [...before.byName.values()]
  await before.close()
  if (found === undefined) throw new Error('Expected a revision.')
  const { module: there = '', ...appStart } = found.app
  const variant = { model: 'single', app: there, appStart, ref: found.recorded }
  git('commit', '-q', '--allow-empty', '-m', 'three')
  process.chdir(os.tmpdir())
  const now = { model: 'single', app: join(root, 'app.js') }
  const again = await checkOutAgain([variant, { ...variant, workers: 2 }, now], options())
  const [first, second, third] = again.variants
  expect(readFileSync(first?.app ?? '', 'utf8')).toBe('one')
  expect(first?.app).not.toBe(there)
  expect(first?.appStart?.cwd).toBe(join(first?.app ?? '', '../..'))
  expect(second).toEqual({ ...first, workers: 2 })
  expect(third).toEqual(now)
  await again.close()
  expect(existsSync(first?.app ?? '')).toBe(false)
  const older = { ...variant, ref: { name: 'main', commit: found.recorded.commit } }
  await expect(checkOutAgain([older], options())).rejects.toMatchObject({ code: 'RESULT_INVALID' })
})

test.each([
  ['a revision that is none', ['nosuch', '--help'], {}, /got "nosuch"[^]*got "--help"/],
  [
    'a build that fails',
    ['main'],
    { build: 'echo no compiler here >&2; exit 3' },
    /ended with exit code 3\.\nno compiler here/,
  ],
  [
    'an app that no revision has',
    ['main'],
    { module: 'dist/app.js' },
    /Expected the app "dist\/app\.js" to be in main, found none/,
  ],
  ['a folder in no repository', ['main'], { module: '/nowhere.js' }, /to be in a git repository, got "\/"/],
])(
  '%s is said in words',
  async (_, refs, { build, module = 'app.js' }: { build?: string; module?: string }, message) => {
    const asked = { module: module.startsWith('/') ? module : join(root, module) }
    await expect(checkOut(refs, asked, options({ build: build ?? null }))).rejects.toThrow(message)
  },
)

test('an abort ends the build and removes the folders', async () => {
  const pidFile = join(root, 'node_modules/pid')
  const abort = new AbortController()
  const begun = checkOut(
    ['main'],
    app(),
    options({ build: `echo $$ > ${pidFile}; pwd >> ${pidFile}; sleep 60`, signal: abort.signal }),
  )
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8').split('\n').length < 3)
    await new Promise((resolve) => setTimeout(resolve, 20))
  abort.abort()
  await expect(begun).rejects.toMatchObject({ code: 'INTERRUPTED' })
  const [pid = '', cwd = ''] = readFileSync(pidFile, 'utf8').split('\n')
  expect(readProcess(Number(pid))?.zombie ?? true).toBe(true)
  expect(existsSync(cwd)).toBe(false)
})
