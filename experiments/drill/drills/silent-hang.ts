import { setTimeout as sleep } from 'node:timers/promises'
import { isStruck, lostAtMost, noneOlderThan } from '../../../analysis/drill/clauses.ts'
import { signalProcess } from '../../../cluster/census.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import { sendLongRequest } from '../../faults/long-request.ts'
import { findComputingWorker } from '../../faults/target-worker.ts'
import type { Drill, Lever, Stage } from '../drill.ts'
import { deadlineLever, modelLever, RELOAD_LEVER, workersLever } from '../levers.ts'

/** Pause before the next worker is ended, once all are there, in milliseconds: one end at least is in a window of the goal. */
const PAUSE_MS = 1500

/** How long clients of this drill wait at first, in seconds. */
const PATIENCE_S = 6

/** How long a worker may go on computing until clients have been dealt to it, in milliseconds. */
const DEALT_MS = 200

/** How often it is looked whether every worker is there, in milliseconds. */
const LOOK_MS = 100

/** A request that is open for longer than this hangs, in ms. */
const HANGS_MS = 3000

/** How workers are ended that have grown too old. */
const RECYCLE: Lever = {
  id: 'recycle',
  help: 'How the job that replaces old workers ends them: kill (SIGKILL at once) or drain (SIGTERM, requests first).',
  value: { kind: 'choice', choices: ['kill', 'drain'] },
  initial: 'kill',
  pull: (_stage, value) =>
    Promise.resolve(value === 'kill' ? 'workers are ended with SIGKILL' : 'workers are asked to leave with SIGTERM'),
}

/** A worker of node:cluster is killed while connections that were dealt to it wait for it. */
export const drill: Drill = {
  id: 'silent-hang',
  number: 2,
  title: 'Some pages never come, and no graph is red',
  level: 1,
  minutes: 15,
  page:
    'Customers write: “Now and then a page just never comes. The browser spins until I give up; when I reload, it is ' +
    'there at once.” There are no 5xx answers, and the latency of what is answered is as it was. It began last night; nobody ' +
    'has released anything.',
  server: { model: 'cluster', workers: 2 },
  loads: [
    {
      requests: [
        {
          route: 'io',
          method: 'GET',
          path: '/io/sleep?ms=10',
          headers: { connection: 'close' },
          weight: 1,
          expectStatus: 200,
        },
      ],
      ratePerS: 60,
      arrivals: 'poisson',
      timeoutS: PATIENCE_S,
      maxConnections: 1024,
    },
  ],
  fault: {
    text: 'A job ended workers with SIGKILL while they computed, with connections that the primary had dealt to them.',
    run: recycleWorkers,
  },
  levers: [
    RECYCLE,
    modelLever(['cluster', 'cluster-shared']),
    deadlineLever(PATIENCE_S),
    workersLever(2),
    RELOAD_LEVER,
  ],
  goal: {
    text: 'Workers go on being replaced, and no request is open for more than 3 s; at most one in twenty requests of io fails.',
    judge: (window) => [
      noneOlderThan(window, HANGS_MS),
      lostAtMost(window, 'io', 0.05),
      ...(window.facts('replacing').includes(1) ? [isStruck(window, 'workers were replaced meanwhile')] : []),
    ],
    facts: (stage) => Promise.resolve({ replacing: replacing.has(stage) ? 1 : 0 }),
  },
  late: { io: 1000 },
  questions: [
    {
      id: 'where',
      text: 'Where do the requests hang?',
      choices: [
        'in connections that were dealt to a worker which died before it took them',
        'in the event loop of a worker that is blocked',
        'in the backlog of the kernel, which is full',
        'in the dependency',
      ],
      right: 'in connections that were dealt to a worker which died before it took them',
      why: 'The primary of node:cluster accepts, hands the connection to a worker and waits for its word. A worker that is killed before that says nothing, and the connection stays open (nodejs/node#21746).',
    },
    {
      id: 'cause',
      text: 'What makes it happen?',
      choices: [
        'too few workers',
        'a memory leak',
        'workers are ended with SIGKILL while they compute',
        'clients that do not use keep-alive',
      ],
      right: 'workers are ended with SIGKILL while they compute',
      why: 'Only a worker that is too busy to take its connections can die with them.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'the rate of 5xx answers',
        'p99 of the server’s own durations',
        'requests in flight at the clients, which do not fall again',
        'CPU of the workers',
      ],
      right: 'requests in flight at the clients, which do not fall again',
      why: 'The server never knew of these requests: nothing that it counts can show them. Whoever asks has to count what is open.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if a worker was blocked instead?',
      choices: [
        'the same, but with 5xx answers',
        'answers that come late, once it turns again',
        'restarts',
        'a full disk',
      ],
      right: 'answers that come late, once it turns again',
      why: 'A blocked loop delays requests, and answers them in the end.',
    },
  ],
  hints: [
    'What the server counts is all well: look at what the clients count, at requests in flight, and at restarts of workers.',
    'Each time a worker is replaced, some requests stay open for good. Look at how it is ended, and what it was doing.',
    'Let workers finish before they go (lever `recycle`), or let them take connections from one queue themselves (lever `model`), or let clients not wait for ever (lever `deadline`).',
  ],
  debrief: {
    fault:
      'Workers were killed while they computed. Connections that the primary had dealt to them stayed open, and nobody answered.',
    showed: [
      'Errors: none; a request without an answer is none until its client gives up.',
      'Requests in flight (the generator’s part of the live page): a step up at each restart, which does not come down before the clients give up.',
      'Units: a worker vanishes and comes back with another pid.',
    ],
    reference: {
      pulls: [{ lever: 'recycle', value: 'drain' }],
      why: 'A worker that is asked to leave answers what it has, gives back what it was dealt, and goes.',
    },
    other: {
      pulls: [{ lever: 'model', value: 'cluster-shared' }],
      why: 'The workers take connections from one queue of the kernel: one that is busy takes none, and what it did not take the others take.',
    },
    wrongTurn: {
      pulls: [{ lever: 'workers', value: '4' }],
      why: 'More workers are killed as before: fewer connections wait for each, and those still hang. Nothing is red on the panels either way.',
    },
    alert: 'WorkerCrashed',
    alertNote:
      'It tells of the deaths. That requests hang no metric of the server tells: clients need a deadline and a count of what is open.',
    model: 'cluster-shared: npx forkwise resilience --models cluster,cluster-shared --faults kill --quick',
    lesson: 'Silence is no error metric. Whoever waits needs a deadline, and whoever ends a process lets it finish.',
  },
}

/** The stages whose workers are being replaced. */
const replacing = new WeakSet<Stage>()

async function recycleWorkers(stage: Stage): Promise<void> {
  replacing.add(stage)
  const { signal } = stage
  while (!signal.aborted) {
    if (await isWhole(stage)) await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    if (await isWhole(stage)) await recycleOne(stage)
    else await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Whether every worker is in service, and nobody is changing that. */
async function isWhole(stage: Stage): Promise<boolean> {
  if (!stage.isSteady) return false
  const workers = (await stage.units()).filter(({ role }) => role === 'worker')
  return stage.isSteady && workers.length >= stage.workers
}

/** Ends a worker that computes. */
async function recycleOne(stage: Stage): Promise<void> {
  const { signal } = stage
  const server = await stage.whenUp()
  const long = sendLongRequest(server, signal)
  try {
    const { unit } = await findComputingWorker(server, { model: stage.model, signal })
    await sleep(DEALT_MS, undefined, { signal })
    if (!stage.isSteady) return
    const drains = stage.levers.get('recycle') === 'drain'
    if (!signalProcess(unit.pid, drains ? 'SIGTERM' : 'SIGKILL')) return
    stage.strike(`${unit.name} (pid ${unit.pid}) is ended with ${drains ? 'SIGTERM' : 'SIGKILL'}`)
  } catch (thrown) {
    // All of its workers may be gone for a moment.
    if (!signal.aborted && !(thrown instanceof ForkwiseError && thrown.code === 'TRIAL_FAILED')) throw thrown
  } finally {
    void long.end(0)
  }
}
