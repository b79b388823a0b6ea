import type { SupervisorSettings } from '../../cluster/supervisor/settings.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import type { Lever, LeverValue } from './drill.ts'

/** How many workers there are. */
export function workersLever(initial: number, max = 8): Lever {
  return {
    id: 'workers',
    help: 'Workers to keep in service.',
    value: { kind: 'number', min: 1, max, whole: true, unit: 'workers' },
    initial: String(initial),
    async pull(stage, value) {
      await stage.change({ supervisor: { workers: Number(value) } })
      return `${value} workers are in service`
    },
  }
}

/** Where the work of a request runs; every worker is replaced for it. */
export function executorLever(choices: readonly string[], poolSize = 2): Lever {
  return {
    id: 'executor',
    help: 'Where computing runs: deployed to all workers, one after the other.',
    value: { kind: 'choice', choices },
    initial: choices[0] ?? null,
    async pull(stage, value) {
      await stage.change({
        environment: { [LAUNCH_ENV.executor]: value, [LAUNCH_ENV.poolSize]: String(poolSize) },
      })
      return `every worker runs its computing ${EXECUTOR_WORDS[value] ?? `under ${value}`} now`
    },
  }
}

const EXECUTOR_WORDS: Readonly<Record<string, string>> = {
  inline: 'on the event loop, at once',
  cooperative: 'on the event loop, in slices',
  'worker-pool': 'in a pool of threads',
  'process-pool': 'in a pool of processes',
}

/** Which server model runs the app: the server is ended and started anew for it. */
export function modelLever(choices: readonly string[]): Lever {
  return {
    id: 'model',
    help: 'Redeploy under another server model: the server is ended and started anew on its port.',
    value: { kind: 'choice', choices },
    initial: choices[0] ?? null,
    async pull(stage, value) {
      await stage.redeploy({ model: value })
      return `the server runs under ${value} now`
    },
  }
}

/** Replaces every worker, one after the other. */
export const RELOAD_LEVER: Lever = {
  id: 'reload',
  help: 'Replace every worker, one after the other.',
  value: { kind: 'none' },
  initial: null,
  async pull(stage) {
    if (stage.server.reload === null) await stage.redeploy()
    else await stage.server.reload()
    return 'every worker is a new one'
  },
}

/** Ends the whole server and starts it anew. */
export const RESTART_LEVER: Lever = {
  id: 'restart',
  help: 'End the whole server and start it anew.',
  value: { kind: 'none' },
  initial: null,
  async pull(stage) {
    await stage.redeploy()
    return 'the server was ended and started anew'
  },
}

/** After how long clients give a request up. */
export function deadlineLever(initialS: number, minS = 0.1): Lever {
  return {
    id: 'deadline',
    help: 'Seconds after which the clients give a request up.',
    value: { kind: 'number', min: minS, max: 120, whole: false, unit: 's' },
    initial: String(initialS),
    pull(stage, value) {
      stage.steer({ timeoutS: Number(value) })
      return Promise.resolve(`clients give a request up after ${value} s`)
    },
  }
}

/** How many connections the clients may have at once. */
export function connectionsLever(initial: number, max = 4096): Lever {
  return {
    id: 'connections',
    help: 'Most connections that the clients have open at once.',
    value: { kind: 'number', min: 1, max, whole: true, unit: 'connections' },
    initial: String(initial),
    pull(stage, value) {
      stage.steer({ maxConnections: Number(value) })
      return Promise.resolve(`clients may have ${value} connections`)
    },
  }
}

/** What a lever that sets one thing is called and may be. */
export interface LeverFacts extends Pick<Lever, 'id' | 'help' | 'initial'> {
  readonly value: Exclude<LeverValue, { kind: 'none' }>
}

/** A setting of the supervisor, in force at once. */
export function supervisorLever(facts: LeverFacts, key: keyof SupervisorSettings): Lever {
  return {
    ...facts,
    async pull(stage, value) {
      await stage.change({ supervisor: { [key]: Number(value) } })
      return `${facts.id} is ${value}`
    },
  }
}

/** A variable of the workers, which are replaced for it; `word` says what the variable is for a value, null taking it back. */
export function variableLever(
  facts: LeverFacts,
  variable: string,
  word: (value: string) => string | null = (value) => value,
): Lever {
  return {
    ...facts,
    async pull(stage, value) {
      await stage.change({ environment: { [variable]: word(value) } })
      return `every worker was replaced by one with ${facts.id} ${value}`
    },
  }
}
