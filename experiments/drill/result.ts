import { pointOf, scoreOf } from '../../analysis/drill/score.ts'
import type { DrillAct, DrillAnswer, DrillResult, Judgement } from '../../core/drill-record.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { DrillRecording } from '../../store/drill-folder.ts'
import { Checker } from './checker.ts'
import type { Drill, LeverPull } from './drill.ts'
import { loadDrill } from './drills.ts'

/** The result of a recorded drill, judged from the recording alone. Throws UNKNOWN_NAME when this version lacks the drill. */
export async function analyseDrillRecording(recording: DrillRecording): Promise<DrillResult> {
  return analyseDrill(await loadDrill(recording.manifest.drill), recording)
}

/** Judges what was recorded. Throws RESULT_INVALID when the drill was ended before it was over. */
export function analyseDrill(drill: Drill, recording: DrillRecording): DrillResult {
  const { manifest, seconds, acts, references } = recording
  const over = acts.find((act) => act.kind === 'over')
  if (over === undefined) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected the drill ${manifest.drill} to be over, got one that was ended before.`,
      hint: `Begin it again: npx forkwise drill ${manifest.drill}`,
    })
  }
  const answers = answersOf(drill, acts)
  const right = answers.filter(({ given, right: expected }) => given === expected).length
  const { reference, other, wrongTurn, ...debrief } = drill.debrief
  const solved = over.how === 'solved'
  return {
    schema: 'forkwise/drill-result@1',
    manifest,
    number: drill.number,
    title: drill.title,
    level: drill.level,
    page: drill.page,
    goal: drill.goal.text,
    end: over.how,
    reason: over.reason,
    judgement: lastJudgement(drill, recording, over),
    acts,
    answers,
    score: scoreOf(
      {
        seconds,
        acts,
        references: manifest.revealed ? null : references,
        late: drill.late,
        solved,
        minutes: drill.minutes,
      },
      { questions: answers.length, right },
    ),
    debrief: {
      ...debrief,
      reference: { lines: reference.pulls.map(lineOf), why: reference.why },
      other: { lines: other.pulls.map(lineOf), why: other.why },
      wrongTurn: { lines: wrongTurn.pulls.map(lineOf), why: wrongTurn.why },
    },
    seconds: seconds.map((second) => pointOf(second, drill.late)),
  }
}

function answersOf({ questions }: Drill, acts: readonly DrillAct[]): DrillAnswer[] {
  const given = acts.findLast((act) => act.kind === 'diagnosed')?.answers ?? {}
  return questions.map(({ id, text, choices, right, why }) => ({
    id,
    question: text,
    choices,
    right,
    given: given[id] ?? null,
    why,
  }))
}

/** What the checker said at the end, computed again from the seconds that were kept. */
function lastJudgement(
  drill: Drill,
  { manifest, seconds, acts }: DrillRecording,
  over: Extract<DrillAct, { kind: 'over' }>,
): Judgement | null {
  if (over.how === 'checker-failed') {
    return { outcome: 'checker-failed', atS: over.atS, reason: over.reason ?? 'no reason was given' }
  }
  const checker = new Checker(drill.goal, manifest.pace.windowS)
  for (const second of seconds) if (second.atS <= over.atS) checker.add(second)
  const last = seconds.findLast(({ atS }) => atS <= over.atS)
  if (last === undefined) return null
  const sinceS = acts.find(({ kind }) => kind === 'fault')?.atS ?? 0
  return checker.judge(last.atS, { sinceS, trouble: null })
}

function lineOf({ lever, value }: LeverPull): string {
  return `npx forkwise drill do ${lever}${value === undefined ? '' : ` ${value}`}`
}
