import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import type { AppUnderTest } from '../../cluster/model.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import { readText } from '../../core/read-text.ts'
import type { RecordedRevision, Variant } from '../../core/records.ts'

/** A revision of the user's repository in a folder of its own. */
export interface CheckedOut {
  readonly recorded: RecordedRevision
  /** The app as it is there, with the folder that corresponds to the current one as its own. */
  readonly app: AppUnderTest
}

/** Revisions that are checked out, until they are closed. */
export interface Revisions {
  readonly byName: ReadonlyMap<string, CheckedOut>
  /** What a reader of figures should know about them, in whole sentences. */
  readonly notes: readonly string[]
  /** Ends what builds them and removes their folders. Idempotent. */
  close(): Promise<void>
}

/** What {@link checkOut} needs beside the revisions. */
export interface CheckoutOptions {
  /** Builds each of them in its folder; null where nothing is to be built. */
  readonly build: string | null
  readonly signal: AbortSignal
  /** The folder whose place in a checkout becomes the current one of its app; the current one unless given. */
  readonly cwd?: string
  /** Told what is being done, for somebody who waits. */
  readonly onProgress: (text: string) => void
}

const run = promisify(execFile)

/**
 * Checks revisions of the repository around the app out into private folders, and builds them. They are clones that share
 * the objects of the user's repository, which itself is only read: a killed run leaves no worktree registered in it, and
 * its folders go with those of the session. Throws USAGE for what is no repository or revision, APP_INVALID when a build
 * fails or the app is not there.
 */
export async function checkOut(
  refs: readonly string[],
  app: AppUnderTest,
  options: CheckoutOptions,
): Promise<Revisions> {
  const here = options.cwd ?? process.cwd()
  const { module } = app
  const root = await rootOf(module === undefined ? here : existingFolder(dirname(module)))
  const commits = await commitsOf(root, refs)
  const session = await openSession()
  const notes: string[] = []
  try {
    const byName = new Map<string, CheckedOut>()
    for (const [name, commit] of commits) {
      const dir = join(session.dir, 'revisions', String(byName.size + 1))
      mkdirSync(dirname(dir), { recursive: true, mode: 0o700 })
      options.onProgress(`Checking out ${name} (${commit.slice(0, 9)}).`)
      await run('git', ['clone', '--quiet', '--shared', '--no-checkout', root, dir], { signal: options.signal })
      await run('git', ['-C', dir, 'checkout', '--quiet', '--detach', commit], { signal: options.signal })
      const cwd = isInside(root, here) ? join(dir, relative(root, here)) : here
      if (!existsSync(cwd)) mkdirSync(cwd, { recursive: true })
      if (options.build !== null) await build(session, name, options.build, cwd, options)
      else notes.push(...borrowModules(root, dir, cwd, name))
      const there = module === undefined ? undefined : join(dir, relative(root, module))
      if (there !== undefined && !existsSync(there)) throw absent(name, relative(dir, there), options.build)
      const checkout = { root, dir, ...(options.build === null ? {} : { build: options.build }) }
      byName.set(name, {
        recorded: { name, commit, checkout },
        app: { ...app, ...(there === undefined ? {} : { module: there }), cwd },
      })
    }
    return { byName, notes, close: () => session.close() }
  } catch (thrown) {
    await session.close()
    if (options.signal.aborted) {
      throw new ForkwiseError(
        'INTERRUPTED',
        { message: 'Interrupted while revisions were made ready.' },
        { cause: thrown },
      )
    }
    throw thrown
  }
}

/**
 * Checks the revisions of a recorded run out again, the very commits, and builds them as they were built. Gives each variant
 * with its app where it is now; what is of no revision is as it was. Throws like {@link checkOut}, and RESULT_INVALID where
 * an older version did not record enough.
 */
export async function checkOutAgain(
  variants: readonly Variant[],
  options: Omit<CheckoutOptions, 'build' | 'cwd'>,
): Promise<{ readonly variants: readonly Variant[]; close(): Promise<void> }> {
  const opened: Revisions[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((each) => each.close()))
  }
  try {
    const again = new Map<string, CheckedOut>()
    const found: Variant[] = []
    for (const variant of variants) {
      if (variant.ref === undefined) {
        found.push(variant)
        continue
      }
      const { name, commit, checkout } = variant.ref
      if (checkout === undefined) throw unrecorded(name)
      const { root, dir, build = null } = checkout
      const original = (path: string): string => (isInside(dir, path) ? join(root, relative(dir, path)) : path)
      const { cwd = root, ...start } = variant.appStart ?? {}
      const app = { ...start, ...(variant.app === undefined ? {} : { module: original(variant.app) }) }
      const key = JSON.stringify([root, commit, build, app, original(cwd)])
      if (!again.has(key)) {
        const revisions = await checkOut([commit], app, { ...options, build, cwd: original(cwd) })
        opened.push(revisions)
        const checkedOut = revisions.byName.get(commit)
        if (checkedOut !== undefined) again.set(key, checkedOut)
      }
      const { module, ...appStart } = again.get(key)?.app ?? {}
      found.push({ ...variant, ...(module === undefined ? {} : { app: module }), appStart })
    }
    return { variants: found, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

function unrecorded(name: string): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected a run that can be resumed; an older version did not record where the revision ${name} came from.`,
    hint: 'Start again.',
  })
}

async function rootOf(dir: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', dir, 'rev-parse', '--show-toplevel'])
    return stdout.trim()
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
    throw new ForkwiseError('USAGE', {
      message: isMissing
        ? 'Expected git to be installed for `--ref`, found none.'
        : `Expected the app to be in a git repository, got ${quoted(dir)}, which is in none.`,
    })
  }
}

/** The folder, or the nearest one above it that is there: what a build makes need not be there yet. */
function existingFolder(dir: string): string {
  return existsSync(dir) ? dir : existingFolder(dirname(dir))
}

/** The commit of each revision, in the order of their names. */
async function commitsOf(root: string, refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const commits = new Map<string, string>()
  const problems: { message: string; hint: string }[] = []
  for (const ref of refs) {
    try {
      const { stdout } = await run('git', [
        '-C',
        root,
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${ref}^{commit}`,
      ])
      commits.set(ref, stdout.trim())
    } catch {
      problems.push({
        message: `Expected \`--ref\` to be a revision of the repository, got ${quoted(ref)}.`,
        hint: 'Name a branch, a tag or a commit that is there: see `git branch` and `git log --oneline`.',
      })
    }
  }
  if (problems.length > 0) throw new ForkwiseError('USAGE', problems)
  return commits
}

async function build(
  session: Session,
  name: string,
  command: string,
  cwd: string,
  { signal, onProgress }: CheckoutOptions,
): Promise<void> {
  onProgress(`Building ${name}: ${command}`)
  const launch = session.createLaunch(`build of ${name}`)
  // What production leaves out is what builds are made with.
  const env = { NODE_ENV: process.env['NODE_ENV'] ?? 'development' }
  const child = launch.spawn({ name: 'build', role: 'supervisor' }, '/bin/sh', ['-c', command], {
    cwd,
    env,
    transient: true,
  })
  const [code, killedBy] = (await once(child, 'exit', { signal })) as [number | null, string | null]
  if (code === 0) return
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected the build of ${name} to succeed; \`${command}\` ended with ${killedBy ?? `exit code ${code}`}.\n${launch.logTail()}`,
    hint: `Try it by hand: git worktree add ../try ${name} && cd ../try && ${command}`,
  })
}

/** Lets an unbuilt revision use the modules that are installed now; says so where its lockfile asks for others. */
function borrowModules(root: string, dir: string, cwd: string, name: string): string[] {
  const steps = relative(dir, cwd)
    .split(sep)
    .filter((step) => step !== '' && step !== '..')
  const folders = ['', ...steps.map((_, index) => steps.slice(0, index + 1).join(sep))]
  return folders.flatMap((folder) => {
    const installed = join(root, folder, 'node_modules')
    const wanted = join(dir, folder, 'node_modules')
    if (!existsSync(installed) || isThere(wanted)) return []
    symlinkSync(installed, wanted)
    const lock = join(folder, 'package-lock.json')
    if (readText(join(root, lock)) === readText(join(dir, lock))) return []
    return [
      `${name} asks for other packages than are installed (${lock} differs) and runs with those that are; \`--build 'npm ci'\` installs its own.`,
    ]
  })
}

function absent(name: string, file: string, build: string | null): ForkwiseError {
  return new ForkwiseError('APP_INVALID', {
    message: `Expected the app ${quoted(file)} to be in ${name}, found none${build === null ? '' : ' after its build'}.`,
    hint:
      build === null
        ? 'If it is made by a build, name that: --build "npm ci && npm run build".'
        : 'Look at what the build writes, and where.',
  })
}

function isInside(root: string, dir: string): boolean {
  const path = relative(root, dir)
  return path === '' || (!path.startsWith('..') && !path.startsWith(sep))
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
