import type { LabAnswer } from '../../core/lab-record.ts'

/** A question, as far as predictions are held against what happened. */
export interface AskedQuestion {
  readonly id: string
  readonly label: string
  readonly kind: 'choice' | 'number'
  readonly unit?: string
  /** A predicted number counts as right up to this factor too high or too low. */
  readonly within?: number
}

/** Each prediction beside what happened; `open`: questions that the figures do not decide. */
export function labAnswers(
  asks: readonly AskedQuestion[],
  predictions: Readonly<Record<string, string | number>>,
  outcomes: Readonly<Record<string, string | number | null>>,
  open: readonly string[] = [],
): LabAnswer[] {
  return asks.map((ask) => {
    const [predicted, happened] = [predictions[ask.id] ?? null, outcomes[ask.id] ?? null]
    const isOpen = predicted === null || happened === null || open.includes(ask.id)
    const right = isOpen ? null : isRight(predicted, happened, ask.within ?? 1)
    return { id: ask.id, label: ask.label, unit: ask.unit ?? '', predicted, happened, right }
  })
}

function isRight(predicted: string | number, happened: string | number, within: number): boolean {
  if (typeof predicted !== 'number' || typeof happened !== 'number') return predicted === happened
  return predicted <= happened * within && predicted >= happened / within
}
