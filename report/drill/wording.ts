import { POINTS } from '../../analysis/drill/score.ts'
import type { DrillAct, DrillPoints, DrillResult, DrillScore, Judgement } from '../../core/drill-record.ts'

/** How a drill ended, in a sentence. */
export function endSentence({ end, reason, score }: Pick<DrillResult, 'end' | 'reason' | 'score'>): string {
  switch (end) {
    case 'solved':
      return `Solved${score.mendS === null ? '' : `, ${seconds(score.mendS)} after the fault`}.`
    case 'given-up':
      return 'Given up.'
    case 'time-over':
      return 'Not solved in time.'
    case 'checker-failed':
      return `The goal could not be checked: ${reason ?? 'no reason was given'}. That says nothing about you.`
  }
}

/** What the checker says, each clause in a line. */
export function judgementLines(judgement: Judgement): string[] {
  if (judgement.outcome === 'checker-failed') return [`cannot be checked: ${judgement.reason}`]
  return judgement.clauses.map(({ met, text, measured }) => `${met ? '✓' : '✗'} ${text}: ${measured}`)
}

/** The figures of a score, each in a sentence. */
export function scoreSentences(score: DrillScore): string[] {
  const { costs, references, parts, detectS, nameS, mendS, hints, questions, right } = score
  const after = (what: string, atS: number | null): string =>
    `${what}: ${atS === null ? 'never' : `after ${seconds(atS)}`}`
  return [
    `${[after('seen', detectS), after('named', nameS), after('mended', mendS)].join(', ')}.`,
    `Requests lost ${costs.lost}, late ${costs.late}, in ${seconds(costs.seconds)} after the fault.`,
    ...(references === null ? [] : [referencesSentence(references)]),
    `Diagnosis: ${right} of ${questions} right. Hints: ${hints}.`,
    ...(parts === null ? [] : [pointsSentence(parts)]),
  ]
}

function referencesSentence({ nothing, fix, playedS }: NonNullable<DrillScore['references']>): string {
  const played = (recordedS: number): string =>
    recordedS < nothing.seconds ? ` (${seconds(recordedS)} were played, the rest goes on like their end)` : ''
  return `On this machine, in ${seconds(nothing.seconds)} as well, doing nothing loses ${nothing.lost} and delays ${nothing.late}${played(playedS.nothing)}; the reference fix, made at once, loses ${fix.lost} and delays ${fix.late}${played(playedS.fix)}.`
}

function pointsSentence({ goal, users, time, diagnosis, hints }: DrillPoints): string {
  return [
    `Points: ${goal} for the goal`,
    `${users} of ${POINTS.users} for what your users were spared of what the reference fix avoids`,
    `${time} of ${POINTS.time} for the time`,
    `${diagnosis} of ${POINTS.diagnosis} for the diagnosis${hints === 0 ? '.' : `, less ${hints} for hints.`}`,
  ].join(', ')
}

/** The time line, each act in a line with its time since the fault; empty acts are left out. */
export function timeLine(
  acts: readonly DrillAct[],
): { readonly atS: number; readonly text: string; readonly kind: DrillAct['kind'] }[] {
  const faultS = acts.find(({ kind }) => kind === 'fault')?.atS ?? 0
  return acts.map((act) => ({ atS: act.atS - faultS, text: actText(act), kind: act.kind }))
}

/** What happened, in words. */
export function actText(act: DrillAct): string {
  switch (act.kind) {
    case 'healthy':
      return 'the load begins; nothing is wrong'
    case 'fault':
      return `the fault begins: ${act.text}`
    case 'strike':
      return act.text
    case 'acknowledged':
      return 'you saw that something is wrong'
    case 'lever':
      return `${act.lever}${act.value === null ? '' : ` ${act.value}`}: ${act.done ? act.text : `not done: ${act.text}`}`
    case 'hint':
      return `hint ${act.number}`
    case 'diagnosed':
      return 'you named the cause'
    case 'over':
      return {
        solved: 'the goal is met',
        'given-up': 'given up',
        'time-over': 'the time is over',
        'checker-failed': 'the checker failed',
      }[act.how]
  }
}

/** `12 s`, `3 min 5 s`. */
export function seconds(value: number): string {
  const whole = Math.round(value)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** A time since the fault: `-12 s`, `+3 s`. */
export function sinceFault(atS: number): string {
  return `${atS < 0 ? '−' : '+'}${Math.abs(Math.round(atS))} s`
}
