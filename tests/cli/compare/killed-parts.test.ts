import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Terminal } from '../../../cli/command.ts'
import { reportRun } from '../../../cli/comparison.ts'
import { EXIT, type ExitCode, PartEndedError } from '../../../core/errors.ts'
import type { Manifest } from '../../../core/records.ts'
import { runBlocks } from '../../../experiments/comparison/blocks.ts'
import { makePlan } from '../../../experiments/comparison/plan.ts'
import { plainTopology } from '../../../loadtest/cpu-topology.ts'
import { RunStore, type StoredRun } from '../../../store/comparison-folder.ts'
import { madeUpRun } from '../../analysis/made-up-run.ts'
import {
  type KilledPart,
  type Script,
  scriptedModel,
  scriptedWorkload,
  scriptedWorld,
} from '../../experiments/scripted-world.ts'

// What a run does when one of its parts is killed once, in each of its phases. That the death of each real process is
// noticed in each phase of a trial is tested in tests/experiments/comparison/killed-processes.real.test.ts.

/** The load during which it happens, of a run of two models under one workload: one for each in the pilot, then two a trial. */
const PHASES = {
  'the pilot of the baseline': 0,
  'the pilot of another model': 1,
  'slice A of the first trial': 2,
  'slice B of the first trial': 3,
  'slice A of a later trial': 6,
  'slice B of a later trial': 9,
} as const

/** The reason that a block is void for, by what was killed. */
const PARTS: Readonly<Record<KilledPart, RegExp>> = {
  // Its timer thread is part of it: one ends with the other (tests/experiments/comparison/killed-processes.real.test.ts).
  generator: /^b0\d-\w+-io: The load generator ended early \(SIGKILL\)$/,
  dependency: /^dependency was ended by SIGKILL$/,
  prometheus: /^prometheus was ended by SIGKILL$/,
  // A supervisor, a proxy, a broker, PM2's daemon, a worker that nobody watches.
  server: /^b0\d-\w+-io: `primary` was ended by SIGKILL$/,
  worker: /^b0\d-\w+-io: `\w+-\d+` \(pid 1\) ended$/,
}

const SILENT: Terminal = {
  result: () => undefined,
  note: () => undefined,
  live: () => undefined,
  columns: 80,
  interactive: false,
  style: (_kind, text) => text,
}

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-killed-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe.each(Object.entries(PARTS))('%s is killed', (part, named) => {
  test.each(Object.entries(PHASES))('once in %s: measured again', async (_phase, load) => {
    const { run, exitCode } = await runWith({ killed: (number) => (number === load ? (part as KilledPart) : null) })
    expect(run.pilot?.refused).toEqual([])
    const dropped = run.blocks.filter(({ kept }) => !kept)
    expect(run.blocks.filter(({ kept }) => kept)).toHaveLength(run.manifest.plan.blocks)
    expect(dropped).toHaveLength(load < 2 ? 0 : 1)
    if (load >= 2) expect(dropped[0]?.reasons).toEqual([expect.stringMatching(named)])
    expect(exitCode).toBe(EXIT.ok)
  })
})

describe('a process that is killed while a server starts', () => {
  test.each([0, 1, 3])('once: measured again (launch %i)', async (number) => {
    const { run, exitCode } = await runWith({
      launchError: (model, launch) =>
        model === 'cluster' && launch === number ? ended('`primary` was ended by SIGKILL before it was ready.') : null,
    })
    expect(run.pilot?.refused).toEqual([])
    expect(run.blocks.filter(({ kept }) => kept)).toHaveLength(run.manifest.plan.blocks)
    expect(exitCode).toBe(EXIT.ok)
  })
})

describe('a part that is killed again and again', () => {
  test('in the pilot ends the run, naming it', async () => {
    await expect(runWith({ killed: () => 'generator' })).rejects.toMatchObject({
      exitCode: EXIT.trial,
      message: expect.stringContaining('load generator'),
    })
  })

  test('in every block of one model leaves no result that looks whole', async () => {
    const { run, exitCode } = await runWith({
      rate: (model, _workload, launch) => (model === 'cluster' && launch > 0 ? ended('It ended.') : 100),
    })
    expect(run.trials.some(({ outcome }) => outcome === 'failed')).toBe(true)
    expect(exitCode).toBe(EXIT.trial)
  })

  test('in every block leaves none either: the dependency', async () => {
    const { run, exitCode } = await runWith({ killed: (load) => (load < 2 ? null : 'dependency') })
    expect(run.blocks.every(({ kept }) => !kept)).toBe(true)
    expect(exitCode).toBe(EXIT.trial)
  })
})

/** Runs a comparison of two models in a scripted world; gives its records and the exit code of its report. */
async function runWith(script: Script): Promise<{ run: StoredRun; exitCode: ExitCode }> {
  const models = ['single', 'cluster'].map((id) => scriptedModel(id))
  const workloads = [scriptedWorkload('io')]
  const plan = makePlan({
    models: models.map(({ id }) => id),
    baseline: 'single',
    workloads: ['io'],
    workers: 2,
    seed: 5,
    metrics: true,
    app: null,
    nodePath: null,
    timeoutS: 5,
    topology: plainTopology(2),
    extent: { kind: 'blocks', blocks: 3 },
  })
  const world = scriptedWorld(script, plan)
  const store = RunStore.create(join(dir, 'run'))
  const made = madeUpRun({ models: plan.models, workloads: plan.workloads, blocks: 0 }, () => null)
  const manifest: Manifest = { ...made.manifest, plan }
  store.writeManifest(manifest)
  const finished = { pilot: null, trials: [], blocks: [] }
  await runBlocks({ plan, models, workloads, context: world.context, store, emit: world.emit, finished })
  return { run: store.run(), exitCode: reportRun(store.dir, { terminal: SILENT, json: false }) }
}

function ended(message: string): PartEndedError {
  return new PartEndedError('TRIAL_FAILED', { message })
}
