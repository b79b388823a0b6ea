import { dirname, join } from 'node:path'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { readText } from '../../core/read-text.ts'
import { EXIT_CONFIG, writeStartError } from '../start-error.ts'

/** An error of the user's app as APP_INVALID, its cause the app's own; `when` says since when it ran. */
export function appError(file: string, thrown: unknown, when: 'was loaded' | 'was starting'): ForkwiseError {
  if (thrown instanceof ForkwiseError) return thrown
  return new ForkwiseError(
    'APP_INVALID',
    { message: `The app ${file} threw while it ${when}: ${messageOf(thrown)}`, ...hintFor(file, thrown) },
    { cause: thrown },
  )
}

/**
 * Until it is ended, an error of the user's app that nobody catches is reported as the reason why it did not start; it
 * ends the process as it would, but for the exit code.
 */
export function reportCrashes(file: string): { end(): void } {
  // Those of whatever runs the app (PM2's in cluster mode), which end the process.
  const others = process.listeners('uncaughtException')
  const onError = (thrown: unknown): void => {
    // The app may have a handler of its own, and go on.
    if (process.listeners('uncaughtException').some((listener) => !others.includes(listener))) return
    const error = appError(file, thrown, 'was starting')
    writeStartError(error)
    // Another try would meet it again: supervisors give up for this code.
    process.once('exit', () => void (process.exitCode = EXIT_CONFIG))
  }
  process.on('uncaughtExceptionMonitor', onError)
  return { end: () => void process.off('uncaughtExceptionMonitor', onError) }
}

function hintFor(file: string, thrown: unknown): { hint?: string } {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  const isTyped = /\.[cm]?tsx?$/.test(file)
  if (isTyped && (code === 'ERR_UNKNOWN_FILE_EXTENSION' || thrown instanceof SyntaxError)) {
    return {
      hint: `Node ${process.versions.node} does not run TypeScript, and the app’s project has no tsx. Give the compiled file; or run \`npm install --save-dev tsx\` there (what NODE_OPTIONS="--import tsx" uses, too); or name a Node from 22.18 on with \`--node\`.`,
    }
  }
  if (thrown instanceof ReferenceError && / is not defined in ES module scope/.test(thrown.message)) {
    return {
      hint: `Node reads it as an ES module${moduleReason(file)}, and \`node ${file}\` ends with the same error. Give it the ending .cjs, or a package.json of its own with "type": "commonjs".`,
    }
  }
  if (code === 'ENOENT') {
    return { hint: `It runs in ${process.cwd()}, where the command was typed: relative paths start there.` }
  }
  return {}
}

/** Where Node found that a file is an ES module, as a clause; empty where its ending says so. */
function moduleReason(file: string): string {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    const text = readText(join(dir, 'package.json'))
    if (text !== null) return /"type"\s*:\s*"module"/.test(text) ? `, as ${join(dir, 'package.json')} says` : ''
    if (dir === dirname(dir)) return ''
  }
}
