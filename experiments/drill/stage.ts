import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { preloading } from '../../cluster/faults/preload.ts'
import { type FaultProgram, switchFile } from '../../cluster/faults/switch-file.ts'
import { loadModels } from '../../cluster/models.ts'
import type { AppUnderTest, RunningServer, ServerChange, ServerModel } from '../../cluster/model.ts'
import { requireRunnable } from '../../cluster/runnable.ts'
import type { Session } from '../../cluster/session.ts'
import { SUPERVISOR_VARIABLES } from '../../cluster/supervisor/settings.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Unit } from '../../core/unit.ts'
import type { ClientPolicy } from '../../loadtest/drivers/steering.ts'
import { watchUnits } from '../../loadtest/observation/watch-units.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { Clients } from './clients.ts'
import type { DrillLoad, DrillServer, Stage } from './drill.ts'

/** Seconds that requests in flight get when the server is ended. */
const GRACE_S = 5

/** How often it is looked whether the server is up again, in milliseconds. */
const LOOK_MS = 50

interface Running {
  readonly model: ServerModel
  readonly server: RunningServer
  readonly endWatch: () => void
}

/** A server that runs as a drill wants it, with its clients, until it is closed. */
export class LiveStage implements Stage {
  readonly session: Session
  readonly signal: AbortSignal
  readonly seed: number
  readonly clients: Clients
  readonly levers: Map<string, string> = new Map()
  readonly #context: TrialContext
  readonly #onStrike: (text: string) => void
  #plan: DrillServer
  #running: Running | null = null
  #port = 0
  targets: readonly URL[] = []
  #trouble: string | null = null
  #strikes = 0
  /** Changes under way. */
  #changes = 0
  #command: string | null = null

  private constructor(plan: DrillServer, context: TrialContext, seed: number, onStrike: (text: string) => void) {
    this.session = context.session
    this.signal = context.signal
    this.seed = seed
    this.#plan = plan
    this.#context = context
    this.#onStrike = onStrike
    this.clients = new Clients(context, seed, () => this.server)
  }

  /** Starts the server; `context.signal` ends the loads and the fault. Throws START_FAILED, PART_MISSING, INTERRUPTED. */
  static async open(
    plan: DrillServer,
    context: TrialContext,
    { seed, onStrike }: { readonly seed: number; readonly onStrike: (text: string) => void },
  ): Promise<LiveStage> {
    const stage = new LiveStage(plan, context, seed, onStrike)
    await stage.#start(plan)
    return stage
  }

  get dependencyUrl(): string {
    return this.#context.dependency.url
  }

  get server(): RunningServer {
    return this.#now.server
  }

  get model(): ServerModel {
    return this.#now.model
  }

  get workers(): number {
    return this.#plan.workers
  }

  /** What keeps the goal from being checked, in words: the server, the dependency or a load is gone; null while all is well. */
  get trouble(): string | null {
    return this.#trouble ?? (this.clients.failure === null ? null : `the load generator: ${this.clients.failure}`)
  }

  get isUp(): boolean {
    return this.#running !== null
  }

  get isSteady(): boolean {
    return this.isUp && this.#changes === 0
  }

  async whenUp(): Promise<RunningServer> {
    for (;;) {
      this.signal.throwIfAborted()
      if (this.#running !== null) return this.#running.server
      await sleep(LOOK_MS, undefined, { signal: this.signal })
    }
  }

  nodeVariables(options = ''): Readonly<Record<string, string>> {
    const variables = preloading(this.#plan.preloads ?? [], this.session.dir)
    const all = [variables['NODE_OPTIONS'] ?? process.env['NODE_OPTIONS'] ?? '', options].filter((part) => part !== '')
    return all.length === 0 ? {} : { ...variables, NODE_OPTIONS: all.join(' ') }
  }

  noteLever(id: string, value: string): void {
    this.levers.set(id, value)
  }

  switchOn(program: FaultProgram): void {
    writeFileSync(switchFile(this.session.dir, program), '')
  }

  units(): Promise<readonly Unit[]> {
    return this.isUp ? this.server.units() : Promise.resolve([])
  }

  async change(change: ServerChange): Promise<void> {
    const { environment, workers } = changed(this.#plan, change)
    if (this.server.change === undefined) return this.redeploy({ environment, workers })
    this.#changes++
    try {
      await this.server.change(change)
      this.#plan = { ...this.#plan, environment, workers }
    } finally {
      this.#changes--
    }
  }

  async redeploy(changes: Partial<DrillServer> = {}): Promise<void> {
    const plan = { ...this.#plan, ...changes }
    await this.clients.found()
    await this.#end()
    try {
      await this.#start(plan)
    } catch (thrown) {
      // The goal cannot be met without a server, but that is for the trainee to mend: what ran before is back.
      await this.#start(this.#plan)
      throw thrown
    }
    this.#plan = plan
  }

  drive(load: DrillLoad): void {
    if (this.isUp) this.clients.begin(load)
    // The drill may be over before the server is up again.
    else
      void this.whenUp().then(
        () => this.clients.begin(load),
        () => undefined,
      )
  }

  steer(policy: ClientPolicy): void {
    this.clients.steer(policy)
  }

  strike(text: string): void {
    this.#strikes++
    this.#onStrike(text)
  }

  /** Strikes of the fault since it was last asked. */
  takeStrikes(): number {
    const strikes = this.#strikes
    this.#strikes = 0
    return strikes
  }

  /** Waits for the loads to end, and ends the server; gives the seconds that it took to end. */
  async close(): Promise<number> {
    await this.clients.end()
    return this.#end()
  }

  get #now(): Running {
    if (this.#running !== null) return this.#running
    throw new ForkwiseError('TRIAL_FAILED', { message: 'No server runs just now: it is being started anew.' })
  }

  async #start(plan: DrillServer): Promise<void> {
    const { session, settings, instrument, observation, dependency, signal } = this.#context
    const model = await findModel(plan.model)
    const { app, node } = await requireRunnable(model, settings.nodePath, this.#ownApp(plan), null)
    const size = { workers: plan.workers, threads: 1 }
    const server = await instrument.launch(model, {
      session,
      size,
      app,
      metrics: settings.metrics,
      upstreamUrl: dependency.url,
      ...(node.nodePath === null ? {} : { nodePath: node.nodePath }),
      port: this.#port,
      env: { ...this.nodeVariables(plan.nodeOptions), ...plan.environment },
      signal,
    })
    this.targets = server.targets
    this.#port = Number(server.targets[0]?.port ?? 0)
    const endWatch = await watchUnits(observation, { model: model.id, workload: 'drill' }, server)
    const running = { model, server, endWatch }
    this.#running = running
    void this.#watchEnd(running)
  }

  #ownApp({ startsCommand }: DrillServer): AppUnderTest | null {
    this.#command ??= startsCommand?.(this.session.dir) ?? null
    return this.#command === null ? null : { command: this.#command }
  }

  async #watchEnd(running: Running): Promise<void> {
    const { reason } = await running.server.ended
    if (this.#running === running) this.#trouble ??= `the server is gone: ${reason}`
  }

  async #end(): Promise<number> {
    const running = this.#running
    if (running === null) return 0
    this.#running = null
    running.endWatch()
    const { tookS } = await running.server.stop(GRACE_S)
    return tookS
  }
}

/** The plan of a server after a change, so that it is started like that when it is started anew. */
function changed(
  plan: DrillServer,
  { supervisor = {}, environment = {} }: ServerChange,
): Required<Pick<DrillServer, 'environment' | 'workers'>> {
  const variables = new Map(Object.entries(plan.environment ?? {}))
  for (const [variable, value] of Object.entries(environment)) {
    if (value === null) variables.delete(variable)
    else variables.set(variable, value)
  }
  for (const [key, value] of Object.entries(supervisor)) {
    if (key !== 'workers') {
      variables.set(SUPERVISOR_VARIABLES[key as keyof typeof SUPERVISOR_VARIABLES].variable, String(value ?? 0))
    }
  }
  return { environment: Object.fromEntries(variables), workers: supervisor.workers ?? plan.workers }
}

async function findModel(id: string): Promise<ServerModel> {
  const model = (await loadModels()).find((each) => each.id === id)
  if (model !== undefined) return model
  throw new ForkwiseError('INTERNAL', { message: `Expected a drill to name a server model that exists, got ${id}.` })
}
