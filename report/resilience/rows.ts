import { countsText, factsText, limitsText, timesText } from '../../analysis/resilience/resilience-wording.ts'
import type { RecordedFault, ResilienceResult, ResilienceRow } from '../../core/resilience-record.ts'

/** One fault with a row for each model into which it was injected, and a reason for each other one. */
export interface FaultTable {
  readonly fault: RecordedFault
  readonly headings: readonly string[]
  readonly rows: readonly { readonly model: string; readonly cells: readonly string[]; readonly row: ResilienceRow }[]
  /** Each model without figures, with the reason as a sentence. */
  readonly without: readonly { readonly model: string; readonly reason: string }[]
  /** Explanations, each with the models that it holds for. */
  readonly because: readonly { readonly models: readonly string[]; readonly sentence: string }[]
}

/** What is counted of some faults alone: memory, workers that started and died. */
export const FACTS_HEADING = 'besides'

const HEADINGS = ['requests', 'conn. errors', 'non-2xx', 'hung', 'slowed', 'slow from'] as const

/** The result as a table for each fault, ready to be printed. */
export function faultTables(result: ResilienceResult): FaultTable[] {
  return result.faults.map((fault) => {
    const rows = result.rows.filter((row) => row.fault === fault.id)
    const strength = fault.recoveryFrom !== null
    const facts = rows.some((row) => factsText(row) !== '')
    return {
      fault,
      headings: [...HEADINGS, ...(strength ? ['full strength'] : []), ...(facts ? [FACTS_HEADING] : [])],
      rows: rows.map((row) => ({
        model: row.model,
        cells: [
          countsText(row.sent),
          countsText(row.connectionErrors),
          countsText(row.non2xx),
          countsText(row.hung),
          countsText(row.slowed),
          limitsText(row.slowLimitMs),
          ...(strength ? [timesText(row.fullStrengthS)] : []),
          ...(facts ? [factsText(row)] : []),
        ],
        row,
      })),
      without: withoutFigures(result, fault.id),
      because: explanations(rows),
    }
  })
}

function withoutFigures({ notOffered, failed, plan, rows }: ResilienceResult, fault: string): FaultTable['without'] {
  return plan.models.flatMap((model) => {
    const refused = notOffered.find((each) => each.model === model && each.fault === fault)
    if (refused !== undefined) return [{ model, reason: `not offered: ${refused.reason}` }]
    const failures = failed.filter((each) => each.model === model && (each.fault === null || each.fault === fault))
    if (failures.length > 0)
      return [
        {
          model,
          reason: `failed ${failures.length === 1 ? '' : `${failures.length} times, first `}with: ${failures[0]?.message ?? ''}`,
        },
      ]
    const measured = rows.some((row) => row.model === model && row.fault === fault)
    return measured ? [] : [{ model, reason: 'not reached: the run ended before' }]
  })
}

function explanations(rows: readonly ResilienceRow[]): FaultTable['because'] {
  const models = new Map<string, string[]>()
  for (const { model, because } of rows) {
    for (const sentence of because) models.set(sentence, [...(models.get(sentence) ?? []), model])
  }
  return [...models].map(([sentence, of]) => ({ models: of, sentence }))
}
