import { LabFigures } from '../../analysis/lab/figures.ts'
import { labAnswers } from '../../analysis/lab/answers.ts'
import { labCells } from '../../analysis/lab/summary.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { LabManifest, LabResult, LabTrial } from '../../core/lab-record.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import { LabFolder, type LabRecording, readLabRecording } from '../../store/lab-folder.ts'
import { HostMeter } from '../../loadtest/host.ts'
import type { Emit } from '../events.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import { withSession } from '../world.ts'
import { textsOf, wordsIn } from './glossary.ts'
import type { Lab } from './lab.ts'
import { loadLab } from './labs.ts'
import type { PreparedLab } from './prepare.ts'
import { beliefEnds, countedTrials, openQuestions, seenOnce, undecidedBy } from './standing-claims.ts'
import { paragraphOf } from './telling.ts'
import { Measuring, type Repetition } from './measuring.ts'
import type { OwnHost } from './trial-watch.ts'

/** What the run of a lab came to. */
export interface LabOutcome {
  readonly dir: string
  readonly recording: LabRecording
  readonly result: LabResult
}

/**
 * Runs every case of a lab as often as planned, in random order; each finished repetition is in its folder at once.
 * Rejects with INTERRUPTED when the signal aborts, FOLDER_UNWRITABLE, or TRIAL_FAILED when nothing could be measured.
 */
export function runLab(
  prepared: PreparedLab,
  signal: AbortSignal,
  host: OwnHost = new HostMeter(prepared.setting.cores, []),
): Run<LabOutcome> {
  return startRecordedRun((emit) => measureLab(prepared, signal, emit, host))
}

/** The result of a recorded lab: judged again, from the folder alone. Throws UNKNOWN_NAME when this version lacks the lab. */
export async function analyseLabRecording(recording: LabRecording): Promise<LabResult> {
  return analyseLab(await loadLab(recording.manifest.lab), recording.manifest, recording.trials)
}

/** Judges what was measured. Throws RESULT_INVALID when it is nothing. */
export function analyseLab(lab: Lab, manifest: LabManifest, trials: readonly LabTrial[]): LabResult {
  if (trials.every(({ failure }) => failure !== null)) throw nothingMeasured(lab, trials)
  const counted = countedTrials(manifest.cases, trials)
  const figures = new LabFigures(labCells(manifest.cases, counted.trials))
  const evidence = { manifest, figures, trials: counted.trials }
  const { change, asks } = lab
  const claims = seenOnce(undecidedBy(lab.claims(evidence), counted.reasons, lab.timelessClaims), counted.trials)
  const told: Omit<LabResult, 'words'> = {
    schema: 'forkwise/lab-result@1',
    manifest,
    number: lab.number,
    title: lab.title,
    source: lab.source,
    question: lab.question,
    misconception: lab.misconception,
    figures: lab.figures,
    cells: figures.cells,
    beliefEnds: beliefEnds(lab.endedBy, claims),
    answers: labAnswers(
      asks,
      manifest.predictions,
      lab.outcomes(evidence),
      openQuestions(lab, claims, counted.reasons),
    ),
    claims,
    paragraph: paragraphOf(lab.explain(evidence), claims),
    pictures: lab.pictures(evidence),
    change:
      change === null
        ? null
        : { help: change.help, line: `npx forkwise lab ${lab.id} --set ${change.name}=${change.example}` },
    servers: lab.servers,
  }
  return { ...told, words: wordsIn(textsOf(told)) }
}

/** Repetitions that run at the same time where nothing depends on time: most of them wait. */
const TIMELESS_AT_ONCE = 3

/** Does something with each item, several at once; when one fails, no more are begun, and it throws once all have ended. */
async function severalAtOnce<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  const waiting = [...items]
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item)
      } catch (thrown) {
        failures.push(thrown)
        waiting.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: most }, lane))
  if (failures.length > 0) throw failures[0]
}

/** Share of the expected time that may be spent on measuring again what other programs disturbed. */
const AGAIN_SHARE = 0.5

/** After so many that were disturbed once more, one after the other, the machine is not left alone, and no more are tried. */
const AGAIN_IN_VAIN = 3

async function measureLab(prepared: PreparedLab, signal: AbortSignal, emit: Emit, host: OwnHost): Promise<LabOutcome> {
  const { lab, setting, manifest } = prepared
  const order = orderOf(prepared)
  const folder = LabFolder.create(prepared.dir)
  folder.writeManifest(manifest)
  const { expectedS } = lab.extent[setting.quick ? 'quick' : 'full']
  emit({ type: 'run-started', experiment: 'lab', id: manifest.id, dir: folder.dir, steps: order.length, expectedS })
  for (const { what, remedy } of manifest.lacks) emit({ type: 'note', level: 'warning', text: `${what} ${remedy}` })
  try {
    await withSession(emit, async (session) => {
      await measureAll(prepared, new Measuring(prepared, session, signal, host), {
        emit,
        keep: (trial) => folder.appendTrial(trial),
      })
    })
  } catch (thrown) {
    if (signal.aborted) throw interrupted(folder.dir, thrown)
    throw thrown
  }
  const recording = readLabRecording(folder.dir)
  const result = analyseLab(lab, recording.manifest, recording.trials)
  folder.finish(result)
  return { dir: folder.dir, recording: { ...recording, isComplete: true }, result }
}

/** Measures every repetition, and again those that other programs disturbed, as long as that may take. */
async function measureAll(
  prepared: PreparedLab,
  measuring: Measuring,
  { emit, keep }: { emit: Emit; keep: (trial: LabTrial) => void },
): Promise<void> {
  const { lab, setting } = prepared
  const disturbed: Repetition[] = []
  const measure = async (repetition: Repetition, attempt: number): Promise<boolean> => {
    const trial = await measuring.measure(repetition, attempt)
    keep(trial)
    const { events: _, ...finished } = trial
    emit({ type: 'lab-trial-finished', trial: finished })
    return trial.disturbed === undefined
  }
  await severalAtOnce(orderOf(prepared), lab.isTimeless === true ? TIMELESS_AT_ONCE : 1, async (repetition) => {
    emit({ type: 'step-started', label: labelOf(repetition) })
    if (!(await measure(repetition, 1))) disturbed.push(repetition)
  })
  const deadline = performance.now() + lab.extent[setting.quick ? 'quick' : 'full'].expectedS * 1000 * AGAIN_SHARE
  let inVain = 0
  for (const repetition of disturbed) {
    if (performance.now() > deadline || inVain === AGAIN_IN_VAIN) return
    emit({ type: 'activity', text: `again, undisturbed: ${labelOf(repetition)}` })
    inVain = (await measure(repetition, 2)) ? 0 : inVain + 1
  }
}

/** All repetitions of all cases, round by round, each round in an order of its own, so that drift meets all alike. */
function orderOf({ lab, cases, setting, manifest }: PreparedLab): Repetition[] {
  const random = seededRandom(deriveSeed(manifest.seed, 'order'))
  const { repeats } = lab.extent[setting.quick ? 'quick' : 'full']
  const most = Math.max(0, ...cases.map((each) => each.repeats ?? repeats))
  return Array.from({ length: most }, (_, index) => index + 1).flatMap((repeat) =>
    shuffled(
      cases.filter((each) => repeat <= (each.repeats ?? repeats)),
      random,
    ).map((labCase) => ({ labCase, repeat })),
  )
}

function labelOf({ labCase }: Repetition): string {
  return `${labCase.language === 'node' ? 'Node' : 'Python'}: ${labCase.name}`
}

function nothingMeasured(lab: Lab, trials: readonly LabTrial[]): ForkwiseError {
  const failure = trials[0]?.failure ?? null
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected something that was measured in the lab ${lab.id}, got nothing${failure === null ? '' : `: ${failure}`}.`,
    hint: `Run it again: npx forkwise lab ${lab.id}`,
  })
}

function interrupted(dir: string, cause: unknown): ForkwiseError {
  return new ForkwiseError(
    'INTERRUPTED',
    {
      message: `Interrupted. What was measured until then is kept in ${dir}.`,
      hint: `See it with \`npx forkwise report ${dir}\`. A lab does not go on from there: run it again from the beginning, into another folder.`,
    },
    { cause },
  )
}
