import { commandLineOf, isAlive, PROC_SUPPORTED, readProcess, terminalSessionOf } from '../cluster/proc.ts'

/** How often the parents are looked at. */
const LOOK_MS = 500

/** One process that has to live on. */
interface Parent {
  readonly pid: number
  readonly birth: string
}

/**
 * Calls `onEnd` once when npm (or yarn, pnpm, bun) started this process and a process between both, npm itself, or what
 * started npm has ended: a signal that ends npm does not reach what it runs. Nothing is watched beyond the session that
 * npm is in, nor the shell that leads a session with a terminal: SIGHUP announces the end of those, and `nohup` and
 * `disown` keep away. What was started without npm is not watched at all. Does not keep the process alive.
 */
export function watchParents(onEnd: () => void, env: NodeJS.ProcessEnv = process.env): void {
  if (env['npm_lifecycle_event'] === undefined && env['npm_execpath'] === undefined) return
  const haveEnded = PROC_SUPPORTED ? watchedParents() : watchedParent()
  if (haveEnded === null) return
  const timer = setInterval(() => {
    if (!haveEnded()) return
    clearInterval(timer)
    onEnd()
  }, LOOK_MS)
  timer.unref()
}

/** Whether any of the processes above this one, as they are now, has ended; null where none is to be watched. */
function watchedParents(): (() => boolean) | null {
  const { parents, reachesLeader } = parentsInSession()
  if (parents.some(({ pid }) => isPackageManager(pid))) return () => !parents.every(isAlive)
  // The variables are inherited: npm may have started the terminal that this runs in. Else it has ended already.
  return reachesLeader ? null : () => true
}

/** Elsewhere than on Linux, only the process right above is known cheaply. */
function watchedParent(): () => boolean {
  const { ppid } = process
  return () => process.ppid !== ppid
}

/** The processes above this one in its session, and whether its leader is this process or one above. */
function parentsInSession(): { readonly parents: readonly Parent[]; readonly reachesLeader: boolean } {
  const session = terminalSessionOf(process.pid)
  const parents: Parent[] = []
  let below = readProcess(process.pid)
  while (below !== null && below.pid !== session?.id) {
    const parent = readProcess(below.ppid)
    if (parent === null || terminalSessionOf(parent.pid)?.id !== session?.id) return { parents, reachesLeader: false }
    const isLoginShell = parent.pid === session?.id && session.hasTerminal && !isPackageManager(parent.pid)
    if (!isLoginShell) parents.push(parent)
    below = parent
  }
  return { parents, reachesLeader: true }
}

function isPackageManager(pid: number): boolean {
  return /\b(npm|npx|pnpm|pnpx|yarn|yarnpkg|bun|bunx)\b/.test(commandLineOf(pid).slice(0, 2).join(' '))
}
