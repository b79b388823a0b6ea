import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { compiled } from '../core/paths.ts'

/** One file of the page. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

/** Files of the page by their address; all others do not exist. */
export type PageFiles = ReadonlyMap<string, PageFile>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Where a page begins: what it names, and what that imports, is served, and nothing else. */
const FIRST = [
  'live/page/index.html',
  'live/page/page.css',
  'live/page/icon.svg',
  'report/html/colours.css',
  'live/page/main.js',
]

/** Reads the page: its document at `/`, and every module that its script imports. */
export function readPageFiles(): PageFiles {
  const files = new Map<string, PageFile>()
  const open = [...FIRST]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const address = path.endsWith('.html') ? '/' : `/${path}`
    if (files.has(address)) continue
    const body = readFileSync(compiled(path))
    files.set(address, { type: TYPES[posix.extname(path)] ?? 'application/octet-stream', body })
    if (path.endsWith('.js'))
      open.push(...importsOf(body.toString('utf8')).map((target) => posix.join(posix.dirname(path ?? ''), target)))
  }
  return files
}

function importsOf(script: string): string[] {
  return [...script.matchAll(/^(?:import|export)\s[^'"]*?from\s+['"](\.[^'"]+)['"]/gm)].map(([, target = '']) => target)
}
