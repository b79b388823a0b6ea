import { ANSWER_HEADINGS, ANSWER_LEAD, ANSWER_TITLE, answerRows } from '../../answers.ts'
import type { ReportContext, Section } from '../context.ts'
import { tableOf } from '../figure.ts'
import { markup } from '../markup.ts'

/** Which requests a server in front answered itself, and which the workers; null where none can. */
export function answersSection({ workloads }: Pick<ReportContext, 'workloads'>): Section | null {
  const rows = answerRows(workloads)
  if (rows.length === 0) return null
  const table = {
    headings: [...ANSWER_HEADINGS],
    rows: rows.map(({ workload, model, who, requests, share }) => [workload, model, who, requests, share]),
  }
  return {
    id: 'answers',
    title: ANSWER_TITLE,
    short: 'Answers',
    body: markup`<p class="lead">${ANSWER_LEAD}</p>${tableOf(table, ANSWER_TITLE)}`,
  }
}
