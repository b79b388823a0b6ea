import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES } from '../core/errors.ts'
import { PACKAGE_ROOT } from '../core/paths.ts'

/** Which of our folders each folder may import, beside itself (docs/ARCHITECTURE.md, Folders). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  server: ['core'],
  cluster: ['core', 'server'],
  analysis: ['core'],
  store: ['core', 'analysis'],
  loadtest: ['core', 'cluster', 'server'],
  agents: ['core', 'loadtest'],
  experiments: ['core', 'server', 'cluster', 'analysis', 'store', 'loadtest', 'agents', 'dashboards'],
  report: ['core', 'analysis', 'store'],
  dashboards: ['core'],
  live: ['core', 'cluster', 'analysis', 'store', 'experiments', 'report'],
  cli: [
    'core',
    'server',
    'cluster',
    'analysis',
    'store',
    'loadtest',
    'agents',
    'experiments',
    'report',
    'dashboards',
    'live',
  ],
}

/** Packages that exactly one file may know, so that they can be replaced. */
const ONE_FILE_ONLY = ['autocannon', 'piscina', 'bullmq', 'prom-client', 'hdr-histogram-js', 'uplot'] as const

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const files = ['index.ts', ...Object.keys(MAY_IMPORT).flatMap((folder) => sourceFiles(join(PACKAGE_ROOT, folder)))]
const imports = files.flatMap(importsOf)
const testFiles = sourceFiles(join(PACKAGE_ROOT, 'tests'))

describe('dependency rules', () => {
  test('the sources are found', () => {
    const everywhere = sourceFiles(PACKAGE_ROOT).filter((file) => !/^tests\/|^[^/]*\.config\.ts$/.test(file))
    expect(files.toSorted()).toEqual(everywhere.toSorted())
    expect(Object.keys(MAY_IMPORT).filter((folder) => !files.some((file) => file.startsWith(`${folder}/`)))).toEqual([])
    const unread = files.filter(
      (file) =>
        /^(import|export) .*from '/m.test(readFileSync(join(PACKAGE_ROOT, file), 'utf8')) &&
        !imports.some((each) => each.file === file),
    )
    expect(unread).toEqual([])
  })

  test.each(Object.entries(MAY_IMPORT))('%s imports only what it may', (folder, allowed) => {
    const broken = imports
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .filter(({ target }) => target.startsWith('.'))
      .map(({ file, target }) => ({ file, to: topFolder(file, target) }))
      .filter(({ to }) => to !== folder && !allowed.includes(to))
    expect(broken).toEqual([])
  })

  test('every documented error code is thrown somewhere', () => {
    const text = files.map((file) => readFileSync(join(PACKAGE_ROOT, file), 'utf8')).join('\n')
    const thrown = [
      /new ForkwiseError\(\s*'([A-Z_]+)'/g,
      /throwIfAny\('([A-Z_]+)'\)/g,
      /\.code \?\? '([A-Z_]+)'/g,
    ].flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code ?? ''))
    expect([...new Set(thrown)].toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted())
  })

  test('every program that is started by its path is there', () => {
    const programs = files.flatMap((file) =>
      [...readFileSync(join(PACKAGE_ROOT, file), 'utf8').matchAll(/\bcompiled\('([^']+)\.js'\)/g)].map(([, path]) => ({
        file,
        program: `${path}.ts`,
      })),
    )
    expect(programs).not.toEqual([])
    expect(programs.filter(({ program }) => !files.includes(program))).toEqual([])
  })

  test('no file imports itself in a circle, types included', () => {
    const graph = new Map(files.map((file) => [file, [] as string[]]))
    for (const { file, target } of imports) {
      const to = resolved(file, target)
      if (target.startsWith('.') && graph.has(to)) graph.get(file)?.push(to)
    }
    expect(circlesOf(graph)).toEqual([])
  })

  test('circles are found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', []],
    ])
    expect(circlesOf(graph)).toEqual([['a', 'b', 'c']])
  })

  test('tests of a folder import what the folder may import, and no other', () => {
    const broken = testFiles.flatMap(importsOf).filter(({ file, target }) => {
      const [, folder = ''] = file.split('/')
      const allowed = MAY_IMPORT[folder]
      const to = topFolder(file, target)
      return allowed !== undefined && to in MAY_IMPORT && to !== folder && !allowed.includes(to)
    })
    expect(broken.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
  })

  test('loadtest takes nothing of server but descriptions and the programs it starts', () => {
    const allowed = ['server/handlers.ts', 'server/handler.ts']
    const broken = imports
      .filter(({ file, target }) => file.startsWith('loadtest/') && topFolder(file, target) === 'server')
      .filter(({ file, target, typeOnly }) => !typeOnly && !allowed.includes(resolved(file, target)))
    expect(broken).toEqual([])
  })

  test.each(ONE_FILE_ONLY)('%s is known to one file only', (name) => {
    const users = imports.filter(({ target }) => target === name || target.startsWith(`${name}/`))
    expect(new Set(users.map(({ file }) => file)).size).toBeLessThanOrEqual(1)
  })

  test('PM2 is a program beside ours, never a library in it', () => {
    expect(imports.filter(({ target }) => target === 'pm2')).toEqual([])
  })
})

test('file names are nouns that say something', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|managers?|info|data)\.ts$/
  expect(files.filter((file) => vague.test(file))).toEqual([])
  expect(files.filter((file) => !/^[a-z0-9/-]+(\.d)?\.ts$/.test(file))).toEqual([])
})

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (name.startsWith('.') || ['dist', 'node_modules', 'results'].includes(name)) return []
    if (statSync(path).isDirectory()) return sourceFiles(path)
    return name.endsWith('.ts') ? [relative(PACKAGE_ROOT, path)] : []
  })
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(PACKAGE_ROOT, file), 'utf8')
  const found: Import[] = []
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm)) {
    found.push({ file, target: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined })
  }
  for (const match of text.matchAll(/\b(?:import|require|require\.resolve)\(\s*'([^']+)'/g)) {
    found.push({ file, target: match[1] ?? '', typeOnly: false })
  }
  return found
}

function resolved(file: string, target: string): string {
  return target.startsWith('.') ? join(dirname(file), target) : target
}

/** The strongly connected parts of more than one file (Tarjan 1972), each in alphabetical order. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const numbers = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (node: string): void => {
    numbers.set(node, numbers.size)
    lowest.set(node, numbers.size - 1)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!numbers.has(next)) visit(next)
      else if (!stack.includes(next)) continue
      lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(next) ?? 0))
    }
    if (lowest.get(node) !== numbers.get(node)) return
    const circle = stack.splice(stack.indexOf(node))
    if (circle.length > 1) circles.push(circle.toSorted())
  }
  for (const node of graph.keys()) if (!numbers.has(node)) visit(node)
  return circles
}

function topFolder(file: string, target: string): string {
  return target.startsWith('.') ? (resolved(file, target).split('/')[0] ?? '') : ''
}
