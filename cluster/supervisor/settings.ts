import { ProblemList } from '../../core/errors.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { quoted } from '../../core/quotes.ts'

/** How a supervisor treats its workers. */
export interface SupervisorSettings {
  /** Workers to keep in service. */
  readonly workers: number
  /** Seconds that a worker which was asked to leave has for its requests, before it is killed. */
  readonly graceS: number
  /** Seconds a worker may take from its spawn to being ready, before it is killed. */
  readonly bootTimeoutS: number
  /** Failed starts in a row after which the supervisor gives up, or stays with the workers that it has. */
  readonly bootFailureLimit: number
  /** A worker that dies sooner than this many seconds after being ready counts as a failed start. */
  readonly minUptimeS: number
  /** Seconds without a sign of life after which a worker is taken for stuck, and replaced. */
  readonly heartbeatTimeoutS: number
  /** Requests after which a worker is replaced; null = never. */
  readonly maxRequests: number | null
  /** Up to this many requests more, drawn for each worker, so that not all leave at once. */
  readonly maxRequestsJitter: number
  /** Workers that are replaced at the same time, in a reload or because they have answered their requests. */
  readonly replacedAtOnce: number
  /** 1 where a worker that is replaced leaves as its successor is started; 0 where it leaves once that one is ready. */
  readonly leavesFirst: number
}

/** One setting as a person sets it. */
export interface SupervisorVariable {
  readonly variable: string
  readonly meaning: string
  readonly fallback: number
  readonly min: number
  readonly max: number
  readonly whole: boolean
}

/** Every setting with its environment variable; `docs` and `--help` are made from this table. */
export const SUPERVISOR_VARIABLES: Readonly<Record<keyof SupervisorSettings, SupervisorVariable>> = {
  workers: whole('FORKWISE_WORKERS', 'Workers to keep in service.', 2, 1, 1024),
  graceS: seconds(LAUNCH_ENV.grace, 'Time for requests in flight when a worker is asked to leave.', 5, 0, 600),
  bootTimeoutS: seconds('FORKWISE_BOOT_TIMEOUT_S', 'Time a worker may take to get ready.', 30, 0.1, 600),
  bootFailureLimit: whole('FORKWISE_BOOT_FAILURES', 'Failed starts in a row before giving up.', 3, 1, 100),
  minUptimeS: seconds('FORKWISE_MIN_UPTIME_S', 'A worker that dies sooner counts as a failed start.', 1, 0, 600),
  // Above the ten seconds that one request to the app under test can compute for.
  heartbeatTimeoutS: seconds(
    'FORKWISE_HEARTBEAT_TIMEOUT_S',
    'A worker silent for this long is replaced.',
    30,
    0.5,
    3600,
  ),
  maxRequests: whole('FORKWISE_MAX_REQUESTS', 'Requests after which a worker is replaced; 0 = never.', 0, 0, 1e9),
  maxRequestsJitter: whole('FORKWISE_MAX_REQUESTS_JITTER', 'Up to this many more, drawn per worker.', 0, 0, 1e9),
  replacedAtOnce: whole('FORKWISE_REPLACED_AT_ONCE', 'Workers that are replaced at the same time.', 1, 1, 1024),
  leavesFirst: whole(
    'FORKWISE_LEAVES_FIRST',
    '1 = a worker leaves as its successor is started, 0 = once that one is ready.',
    0,
    0,
    1,
  ),
}

/** Reads the settings from an environment; throws a USAGE error that names every wrong variable. */
export function readSupervisorSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SupervisorSettings {
  const problems = new ProblemList()
  const read = (key: keyof SupervisorSettings): number => readNumber(SUPERVISOR_VARIABLES[key], env, problems)
  const settings: SupervisorSettings = {
    workers: read('workers'),
    graceS: read('graceS'),
    bootTimeoutS: read('bootTimeoutS'),
    bootFailureLimit: read('bootFailureLimit'),
    minUptimeS: read('minUptimeS'),
    heartbeatTimeoutS: read('heartbeatTimeoutS'),
    maxRequests: read('maxRequests') || null,
    maxRequestsJitter: read('maxRequestsJitter'),
    replacedAtOnce: read('replacedAtOnce'),
    leavesFirst: read('leavesFirst'),
  }
  problems.throwIfAny('USAGE')
  return settings
}

function readNumber(
  { variable, fallback, min, max, whole }: SupervisorVariable,
  env: Readonly<Record<string, string | undefined>>,
  problems: ProblemList,
): number {
  const text = env[variable]?.trim() ?? ''
  if (text === '') return fallback
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'a whole number' : 'seconds'
  problems.add(`Expected \`${variable}\` to be ${kind} from ${min} to ${max}, got ${quoted(text)}.`)
  return fallback
}

function whole(variable: string, meaning: string, fallback: number, min: number, max: number): SupervisorVariable {
  return { variable, meaning, fallback, min, max, whole: true }
}

function seconds(variable: string, meaning: string, fallback: number, min: number, max: number): SupervisorVariable {
  return { variable, meaning, fallback, min, max, whole: false }
}
