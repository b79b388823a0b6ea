import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { inspectApp } from '../../cluster/app-inspection.ts'
import { messageOf } from '../../core/errors.ts'

/** What `init` found out about the app of a folder. */
export interface DetectedApp {
  /** Its file relative to the folder, or null where none was found or a command starts it. */
  readonly app: string | null
  /** The command that starts it, where it is no module of Node. */
  readonly start: string | null
  /** Paths that it answers with 200; `/` where none was found. */
  readonly paths: readonly string[]
  /** Server models that can run it. */
  readonly models: readonly string[]
  /** What the user should know, in whole sentences. */
  readonly notes: readonly string[]
}

/** Where apps usually are, tried in this order when package.json names none. */
const USUAL_APPS = [
  'dist/main.js dist/app.js dist/server.js dist/index.js app.js server.js app.mjs server.mjs',
  'src/app.js src/server.js src/index.js bin/www index.js index.mjs',
  'src/main.ts src/app.ts src/server.ts src/index.ts app.ts server.ts',
].flatMap((names) => names.split(' '))

/** Paths that are tried, the best first. */
const USUAL_PATHS = ['/', '/health', '/healthz', '/api/health', '/status', '/ping', '/api'] as const

/** How long an answer to one of them may take, in milliseconds. */
const ANSWER_MS = 5_000

/** Frameworks whose own command serves the app, with where that command takes the port. */
const COMMANDS: readonly (readonly [script: RegExp, command: (script: string) => string])[] = [
  [/^next start\b/, (script) => `npx ${script.replace(/ (-p|--port)[ =]?\S+/, '')} -p $PORT`],
  [/^fastify start\b/, (script) => `npx ${script.replace('fastify start', 'fastify start -p $PORT')}`],
  [/^(remix-serve|react-router-serve)\b/, (script) => `npx ${script}`],
]

const OF_MODULES = ['single', 'cluster', 'pm2-fork', 'worker-pool']
const OF_COMMANDS = ['single', 'pm2-fork']

/** What `init` looks at in a package.json. */
interface PackageFile {
  readonly main?: unknown
  readonly type?: unknown
  readonly scripts?: unknown
}

/** The package.json of a folder; empty where there is none, or one that npm will complain about. */
export function packageIn(dir: string): PackageFile {
  try {
    return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as PackageFile
  } catch {
    return {}
  }
}

/**
 * Finds the app of a folder: the file that is named, else that of package.json's start script, its main file, or a usual
 * name. It is started once, as it will be measured, to see which paths it answers. An app that fails to start is reported
 * in the notes.
 */
export async function detectApp(dir: string, named: string | null, nodePath: string): Promise<DetectedApp> {
  const { main, scripts } = packageIn(dir)
  const script = startScript(scripts)
  const command = named === null && script !== null ? commandOf(script) : null
  if (command !== null) return { app: null, start: command, paths: ['/'], models: OF_COMMANDS, notes: [] }
  const candidates =
    named === null
      ? [...(script === null ? [] : filesOf(script)), ...(typeof main === 'string' ? [main] : []), ...USUAL_APPS]
      : [named]
  const found = candidates.map((each) => fileFor(dir, each)).find((file) => file !== null) ?? null
  if (found === null) return { app: null, start: null, paths: ['/'], models: OF_MODULES, notes: [] }
  return { app: `./${relative(dir, found)}`, start: null, ...(await tried(found, nodePath)) }
}

/** The file that `node NAME` would start in a folder, or null. */
function fileFor(dir: string, name: string): string | null {
  const path = resolve(dir, name)
  return [path, `${path}.js`, join(path, 'index.js')].find(isFile) ?? null
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

function startScript(scripts: unknown): string | null {
  if (typeof scripts !== 'object' || scripts === null || !('start' in scripts)) return null
  return typeof scripts.start === 'string' ? scripts.start.trim() : null
}

function commandOf(script: string): string | null {
  const [, make] = COMMANDS.find(([pattern]) => pattern.test(script)) ?? []
  return make?.(script) ?? null
}

/** The files that a start script runs: `NODE_ENV=production node --enable-source-maps dist/server.js`. */
function filesOf(script: string): readonly string[] {
  if (/^nest start\b/.test(script)) return ['dist/main.js']
  const [, rest] = /^(?:cross-env\s+)?(?:\w+=\S*\s+)*(?:node|tsx|nodemon)\s+(.*)$/.exec(script) ?? []
  return (rest ?? '').split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'))
}

async function tried(module: string, nodePath: string): Promise<Pick<DetectedApp, 'paths' | 'models' | 'notes'>> {
  const answers = new Map<string, number | string>()
  const ask = async (url: string): Promise<void> => {
    for (const path of USUAL_PATHS) answers.set(path, await statusOf(`${url}${path}`))
  }
  try {
    const { handlers, notes = [] } = await inspectApp({ module }, nodePath, { whileItRuns: ask })
    // A pool has nothing to do where the app names nothing that computes.
    const models = OF_MODULES.filter((model) => model !== 'worker-pool' || handlers.length > 0)
    const good = USUAL_PATHS.find((path) => answers.get(path) === 200)
    return { paths: [good ?? '/'], models, notes: [...notes, answerNote(good, answers)] }
  } catch (thrown) {
    const note = `The app was started once and failed, so that nothing is known of its paths. ${messageOf(thrown)}`
    return { paths: ['/'], models: OF_MODULES, notes: [note] }
  }
}

async function statusOf(url: string): Promise<number | string> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) })
    await answer.body?.cancel()
    return answer.status
  } catch (thrown) {
    return messageOf(thrown)
  }
}

function answerNote(good: string | undefined, answers: ReadonlyMap<string, number | string>): string {
  if (good !== undefined) return `It answers GET ${good} with 200, which is what will be measured.`
  const root = answers.get('/')
  const header = root === 401 || root === 403 ? ', and `headers` for what it wants to see' : ''
  const how = typeof root === 'number' ? `answers GET / with ${root}` : `did not answer GET / (${root ?? 'it ended'})`
  return `It ${how}: set \`paths\` to what it answers with 200${header}.`
}
