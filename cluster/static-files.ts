import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileLines } from '../server/handlers/io-file.ts'

/** A file that a proxy serves in the app's place, and what asks for it. */
export interface StaticFile {
  readonly path: string
  /** As clients write the request's target. */
  readonly targets: readonly string[]
}

/** Sizes of the files, in KiB: other sizes, and all that is wrong with a query, is left to the app. */
const SIZES_KB: readonly number[] = [1, 10, 100, 1000]

/** What the app serves without a query, in KiB. */
const FALLBACK_KB = 100

/** Lays out the files that the app would make of `/io/file`, as a deployment puts its static files beside the server. */
export function writeStaticFiles(launchDir: string): StaticFile[] {
  const folder = join(launchDir, 'static')
  mkdirSync(folder, { mode: 0o700 })
  return SIZES_KB.map((kb) => {
    const path = join(folder, `lines-${kb}.txt`)
    writeFileSync(path, fileLines(0, kb * 16))
    const target = `/io/file?kb=${kb}`
    return { path, targets: kb === FALLBACK_KB ? ['/io/file', target] : [target] }
  })
}

/**
 * The lines of an NGINX configuration that serve the files. Each of these requests adds two bytes to `answeredFile`, so
 * that its size shows how many there were: the totals of `stub_status` count what is passed on too.
 */
export function filesDirectives(
  files: readonly StaticFile[],
  answeredFile: string,
): { readonly http: readonly string[]; readonly server: readonly string[] } {
  if (files.length === 0) return { http: [], server: [] }
  const entries = files.flatMap(({ path, targets }) =>
    targets.flatMap((target) => ['GET', 'HEAD'].map((method) => `  "${method} ${target}" ${path};`)),
  )
  return {
    http: [
      'sendfile on;',
      'tcp_nopush on;',
      "log_format answered 'x';",
      // The target as it was sent: what NGINX makes of it (escapes, doubled slashes) may be a file where the app has none.
      'map "$request_method $request_uri" $static_file {',
      '  default /nowhere;',
      ...entries,
      '}',
    ],
    server: [
      'location = /io/file {',
      '  root /;',
      '  types { }',
      '  default_type "text/plain; charset=utf-8";',
      `  access_log ${answeredFile} answered;`,
      '  try_files $static_file @app;',
      '}',
    ],
  }
}
