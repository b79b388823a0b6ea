import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { factAtLeast, lostAtMost } from '../../../analysis/drill/clauses.ts'
import { listenersAt } from '../../../cluster/app-dependencies.ts'
import { signalProcess } from '../../../cluster/census.ts'
import { readProcess } from '../../../cluster/proc.ts'
import { untilAborted } from '../../../core/abort.ts'
import { LAUNCH_ENV, type Unit } from '../../../core/unit.ts'
import { compiled } from '../../../core/paths.ts'
import type { Drill, Lever, Stage } from '../drill.ts'

/** How often the process that was left behind tries to get the port, in milliseconds: sooner than a new one can start. */
const GRAB_MS = 5

/** Longest wait for the port to change hands, or for a deployment to be in service, in milliseconds. */
const PATIENCE_MS = 20_000

/** How often it is looked who listens, in milliseconds. */
const LOOK_MS = 50

/** What a load takes to begin, on a busy machine, in milliseconds. */
const LOAD_BEGINS_MS = 3000

const RELEASE_FILE = 'release'

/** Ends whoever listens at the port of a unit. */
const FREE: Lever = {
  id: 'free',
  help: 'End whatever process listens at the port of a unit (as `fuser -k PORT/tcp` does).',
  value: { kind: 'choice', choices: ['worker-1', 'worker-2'] },
  initial: null,
  async pull(stage, value) {
    const ended = portListeners(stage, value === 'worker-1' ? 0 : 1)
    for (const pid of ended) signalProcess(pid, 'SIGKILL')
    return ended.length === 0 ? `nothing listened at the port of ${value}` : `pid ${ended.join(', ')} was ended`
  },
}

/** Deploys the release once more, with or without a look at who is there. */
const DEPLOY: Lever = {
  id: 'deploy',
  help: 'Deploy once more: plain is `pm2 reload all`; checked first ends what listens without being PM2’s, and waits until each app answers itself.',
  value: { kind: 'choice', choices: ['plain', 'checked'] },
  initial: null,
  async pull(stage, value) {
    await deployments.get(stage)
    if (value === 'checked') await endStrangers(stage)
    await stage.server.reload?.()
    if (value === 'plain') return 'PM2 says that every app is online'
    await untilTrue(stage, async () => (await servingUnits(stage)).length === stage.workers)
    return 'every app listens at its own port'
  },
}

/** PM2 calls processes online that nobody can reach, because a process of the release before holds their port. */
export const drill: Drill = {
  id: 'pm2-online',
  number: 9,
  title: 'Deployed, online, and not there',
  level: 1,
  minutes: 15,
  page:
    'The product manager writes: “You said that the release is out. Every other time I look, /new is not there, and then ' +
    'it is again.” PM2 says that all apps are online. The deployment ended without an error.',
  server: { model: 'pm2-fork', workers: 2, startsCommand: shopCommand },
  loads: [
    {
      requests: [{ route: 'shop', method: 'GET', path: '/', weight: 1, expectStatus: 200 }],
      ratePerS: 40,
      arrivals: 'poisson',
      timeoutS: 5,
      maxConnections: 64,
    },
  ],
  fault: {
    text: 'A process of the release before was left behind by the deployment and held the port of one app; the new one got EADDRINUSE, logged it, and lived on.',
    run: deployBadly,
  },
  levers: [FREE, DEPLOY],
  goal: {
    text: 'Every request of shop and of new is answered as expected, at each address by its own app of PM2.',
    judge: (window) => [
      lostAtMost(window, 'shop', 0),
      ...(window.routes.includes('new') ? [lostAtMost(window, 'new', 0)] : []),
      factAtLeast(window, 'own', 2, 'both addresses are served by their own app'),
    ],
    facts: async (stage) => ({ own: await ownAddresses(stage) }),
  },
  late: { shop: 500 },
  questions: [
    {
      id: 'who',
      text: 'Who answers without /new?',
      choices: [
        'an app of PM2 that runs the old release',
        'a process that PM2 does not know',
        'the daemon of PM2',
        'a cache in front',
      ],
      right: 'a process that PM2 does not know',
      why: 'The pid that listens at the port (ss -ltnp) is none of those that PM2 lists.',
    },
    {
      id: 'cause',
      text: 'Why does the new app not answer?',
      choices: [
        'it crashes at start',
        'it cannot listen: the port is taken',
        'it is too slow to start',
        'it answers with 404 for everything',
      ],
      right: 'it cannot listen: the port is taken',
      why: 'EADDRINUSE is in its log, again and again. It does not end over it, so that PM2 has nothing to tell.',
    },
    {
      id: 'shows',
      text: 'What shows it?',
      choices: ['pm2 ls', 'ss -ltnp beside the pids of PM2', 'the CPU of the apps', 'the exit code of the deployment'],
      right: 'ss -ltnp beside the pids of PM2',
      why: 'PM2 reports the state of processes. Who serves, the kernel knows.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if the app crashed at start?',
      choices: [
        'the same',
        'restarts counted by PM2, and then `errored`',
        'both apps without /new',
        'no process at the port',
      ],
      right: 'restarts counted by PM2, and then `errored`',
      why: 'PM2 notices ends of processes, and nothing else.',
    },
  ],
  hints: [
    'Ask each app by itself, several times: curl -i on both addresses of the server. Compare the answers.',
    'Compare who listens (ss -ltnp) with the processes of PM2, and read the log of the app that does not answer.',
    'A process of the release before holds a port. End it (lever `free`, or kill); the next deployment should look first (lever `deploy`).',
  ],
  debrief: {
    fault:
      'A process of the release before survived its deployment and held the port of the first app. The new app could not listen, and lived on without serving.',
    showed: [
      'PM2: both apps online, no restart.',
      'ss -ltnp: at the port of the first app listens a pid that PM2 does not list.',
      'curl -i: X-Release 1 at the first address, 2 at the second.',
    ],
    reference: {
      pulls: [{ lever: 'free', value: 'worker-1' }],
      why: 'With the process that was left behind gone, the app gets its port at its next try.',
    },
    other: {
      pulls: [{ lever: 'deploy', value: 'checked' }],
      why: 'A deployment that looks who listens, ends what should not be there and waits until the new apps serve (wait_ready) cannot leave it like this.',
    },
    wrongTurn: {
      pulls: [{ lever: 'deploy', value: 'plain' }],
      why: 'PM2 starts new apps, which find the port taken like those before; and again all are online.',
    },
    alert: null,
    alertNote:
      'an app that does not listen offers no metrics, and PM2 reports none. A probe from outside that asks every address for its release would have said so.',
    model: 'cluster: its primary holds the port and counts a worker only once it serves. npx forkwise serve cluster',
    lesson:
      'The state of a process is not the state of a service: ask the port, not the process manager (Unitech/pm2#5889).',
  },
}

/** The command that PM2 runs for each app; the release is what its file says when it starts. */
function shopCommand(dir: string): string {
  writeFileSync(join(dir, RELEASE_FILE), '1')
  return `exec '${process.execPath}' '${compiled('experiments/drill/programs/shop.js')}' '${join(dir, RELEASE_FILE)}' 1000`
}

/** The deployment that goes wrong: the next one waits for it. */
const deployments = new WeakMap<Stage, Promise<void>>()

async function deployBadly(stage: Stage): Promise<void> {
  const deployment = leaveOneBehind(stage)
  deployments.set(
    stage,
    deployment.catch(() => undefined),
  )
  await deployment
  await untilAborted(stage.signal)
}

/** Deploys the second release, and leaves a process of the first one at the port of the first app. */
async function leaveOneBehind(stage: Stage): Promise<void> {
  const { session, signal } = stage
  const old = join(session.dir, 'old-release')
  writeFileSync(old, '1')
  writeFileSync(join(session.dir, RELEASE_FILE), '2')
  const port = stage.targets[0]?.port ?? ''
  const left = session
    .createLaunch('old-release')
    .spawn(
      { name: 'shop', role: 'worker' },
      process.execPath,
      [compiled('experiments/drill/programs/shop.js'), old, String(GRAB_MS)],
      { env: { [LAUNCH_ENV.host]: '127.0.0.1', [LAUNCH_ENV.port]: port } },
    )
  // It has to be there before the port is free.
  await sleep(500, undefined, { signal })
  await stage.server.reload?.()
  await untilTrue(stage, () => Promise.resolve(left.pid !== undefined && listenersAt(Number(port)).includes(left.pid)))
  // The other app is online for PM2 before it listens.
  await untilTrue(stage, () =>
    Promise.resolve(stage.targets.every((_, place) => portListeners(stage, place).length > 0)),
  )
  stage.strike(`the release before (pid ${left.pid}) holds port ${port}`)
  stage.drive({
    requests: [{ route: 'new', method: 'GET', path: '/new', weight: 1, expectStatus: 200 }],
    ratePerS: 20,
    arrivals: 'poisson',
    timeoutS: 5,
    maxConnections: 64,
  })
  // A load looks at its target before it begins: nobody deploys meanwhile.
  await sleep(LOAD_BEGINS_MS, undefined, { signal })
}

async function endStrangers(stage: Stage): Promise<void> {
  for (const pid of await strangersOf(stage)) signalProcess(pid, 'SIGKILL')
  await untilTrue(stage, async () => (await strangersOf(stage)).length === 0)
}

/** Processes that listen at the ports of the apps and are none of them. */
async function strangersOf(stage: Stage): Promise<number[]> {
  const units = await stage.units()
  return stage.targets
    .flatMap((_, place) => portListeners(stage, place))
    .filter((pid) => !units.some((unit) => unit.pid === pid))
}

/** The apps that listen at their own ports. */
async function servingUnits(stage: Stage): Promise<Unit[]> {
  const units = (await stage.units()).filter(({ role, pid }) => role === 'worker' && readProcess(pid) !== null)
  return units.filter(({ pid, url }) => url !== undefined && listenersAt(Number(new URL(url).port)).includes(pid))
}

/** Addresses at which an app listens, and nobody but apps. */
async function ownAddresses(stage: Stage): Promise<number> {
  const [strangers, serving] = await Promise.all([strangersOf(stage), servingUnits(stage)])
  return Math.max(0, serving.length - strangers.length)
}

function portListeners(stage: Stage, place: number): number[] {
  const port = Number(stage.targets[place]?.port ?? 0)
  return port === 0 ? [] : listenersAt(port)
}

async function untilTrue({ signal }: Stage, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`it was not so within ${PATIENCE_MS / 1000} s`)
    await sleep(LOOK_MS, undefined, { signal })
  }
}
