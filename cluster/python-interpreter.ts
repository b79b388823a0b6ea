import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { FREE_THREADED } from '../core/python-version.ts'
import type { UnmetNeed } from './unmet-need.ts'

/** A Python that runs servers. */
export interface PythonInterpreter {
  readonly path: string
  /** What it says it is, e.g. `PyPy 7.3.11 (Python 3.9.16)`; null for Debian's own, which nobody asked. */
  readonly version: string | null
  /** Folder of modules beside its own; empty for none. */
  readonly packages: string
}

/** What {@link ServerModel.runtime} says of models in Python. */
export const PYTHON_RUNTIME = 'Python'

/** Python as the Debian packages of the servers were built for, whatever is first on PATH. */
export const DEBIAN_PYTHON: PythonInterpreter = { path: '/usr/bin/python3', version: null, packages: '' }

/** Where Debian installs modules of Python 3: other interpreters can use those without compiled parts. */
const DEBIAN_PACKAGES = '/usr/lib/python3/dist-packages'

/** Says what an interpreter is: `PyPy 7.3.11 (Python 3.9.16)`, `CPython 3.14.0 free-threaded`. */
const INTRODUCTION = `
import platform, sys
name = platform.python_implementation()
version = platform.python_version()
if name == 'PyPy':
    version = '%d.%d.%d (Python %s)' % (*sys.pypy_version_info[:3], version)
lock = getattr(sys, '_is_gil_enabled', lambda: True)()
print('forkwise', name, version + ('' if lock else ' ${FREE_THREADED}'))
`

/** Longest time that an interpreter may take to say what it is, or to import a server, in milliseconds. */
const LIMIT_MS = 20_000

/** Asks an interpreter what it is. Throws USAGE when it is no Python 3.9 or newer. */
export function inspectPython(path: string): PythonInterpreter {
  const { error, status, stdout } = spawnSync(path, ['-sB', '-c', INTRODUCTION], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  })
  if (error !== undefined) throw notPython(path, notRunText(path, error))
  if (status !== 0) throw notPython(path, `it ended with exit code ${status} when it was asked what it is`)
  const version = /^forkwise (.+)$/m.exec(stdout)?.[1]
  if (version === undefined) throw notPython(path, 'it does not say what it is')
  const [, major, minor] = /(?:^CPython |Python |^\S+ )(\d+)\.(\d+)/.exec(version.replace(/^PyPy [^(]+\(/, '')) ?? []
  if (Number(major) !== 3 || Number(minor) < 9) throw notPython(path, `it is ${version}`)
  return { path, version, packages: '' }
}

/**
 * The interpreter with the folder where it finds the modules: its own, else Debian's. Null when it can import them from
 * neither.
 */
export function withModules(python: PythonInterpreter, modules: readonly string[]): PythonInterpreter | null {
  return (
    ['', DEBIAN_PACKAGES]
      .map((packages) => ({ ...python, packages }))
      .find(({ path, packages }) => canImport(path, packages, modules)) ?? null
  )
}

/** What is unmet when a named interpreter cannot run a model, or when nothing but Debian's own can. */
export function needModules(python: PythonInterpreter, modules: readonly string[] | undefined): UnmetNeed[] {
  if (modules === undefined) {
    return [
      {
        what: `its server has Debian’s Python built in, which \`--python ${python.path}\` does not change`,
        remedy: 'Leave out `--python`, or choose a model whose server is itself written in Python',
      },
    ]
  }
  if (withModules(python, modules) !== null) return []
  return [
    {
      what: `${python.path} cannot import ${modules.join(', ')}`,
      remedy: `Install ${modules.length === 1 ? 'it' : 'them'} for this interpreter: \`${python.path} -m pip install …\`, best in a virtual environment`,
    },
  ]
}

const imports = new Map<string, boolean>()

function canImport(path: string, packages: string, modules: readonly string[]): boolean {
  const code = modules.map((name) => `import ${name}`).join('\n')
  const key = [path, packages, code].join('\0')
  const known = imports.get(key)
  if (known !== undefined) return known
  const env = { ...process.env, PYTHONPATH: packages, PYTHONHOME: '', PYTHONNOUSERSITE: '1' }
  const found = spawnSync(path, ['-B', '-c', code], { env, timeout: LIMIT_MS, stdio: 'ignore' }).status === 0
  imports.set(key, found)
  return found
}

/** Why a program could not be run, in words. */
function notRunText(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return path.includes('/') ? 'there is no such file' : 'PATH has no such program'
  if (error.code === 'ETIMEDOUT') return `it did not say what it is within ${LIMIT_MS / 1000} s`
  if (error.code !== 'EACCES') return messageOf(error)
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? 'it is a folder' : 'it may not be executed'
}

function notPython(path: string, found: string): ForkwiseError {
  return new ForkwiseError('USAGE', {
    message: `Expected \`--python\` to be a Python 3.9 or newer, got ${path}: ${found}.`,
    hint: 'Give the path of a python executable; `npx forkwise setup` brings PyPy (Debian’s package pypy3) as /usr/bin/pypy3.',
  })
}
