import { expect, test } from 'vitest'
import type { ModelPlan } from '../../../analysis/capacity/planning/plan.ts'
import { formatDuration } from '../../../core/quantities.ts'
import { monthlyCost, monthlyCostText } from '../../../report/capacity/cost.ts'
import { renderCapacityHtml } from '../../../report/capacity/html.ts'
import { renderPlanCsv } from '../../../report/capacity/plan-csv.ts'
import { planText } from '../../../report/capacity/plan-text.ts'
import type { PlanResult } from '../../../store/capacity-findings.ts'
import { knownFindings } from './findings.ts'

/** The known plan with a price of 0.1 USD for each core and hour, and a year looked ahead. */
function pricedPlan(): PlanResult {
  const { plan } = knownFindings()
  if (plan === null) throw new Error('Expected a plan.')
  const first = plan.models.find((model) => model.server !== null)
  const found = first?.server ?? null
  if (first === undefined || found === null) throw new Error('Expected a model with an answer.')
  const perHour = 0.1 * found.machines * found.coresPerMachine
  const server = { ...found, cost: { perHour, perMillionRequests: 1, currency: 'USD' } }
  const growth = [{ change: 'in a year', years: 1, ratePerS: 900, machines: 7, workersPerMachine: 2, because: null }]
  return { ...plan, models: [{ ...first, server, growth }] }
}

const plan = pricedPlan()
const server = plan.models[0]?.server ?? null
if (server === null) throw new Error('Expected an answer.')
const perMachine = 0.1 * server.coresPerMachine * 730.5

test('a month costs what 730.5 hours of the cores cost; nothing is said without a price', () => {
  expect(monthlyCost(server, 3)).toBeCloseTo(3 * perMachine, 6)
  expect(monthlyCostText({ ...server, cost: null }, 3)).toBe('')
})

test('CSV: a row for the answer, for each what-if and for each later time, with the cost of a month', () => {
  const [head = '', ...lines] = renderPlanCsv(plan).trimEnd().split('\r\n')
  const names = head.split(',')
  expect(lines).toHaveLength(1 + (plan.models[0]?.whatIf.length ?? 0) + 1)
  const later = new Map(
    lines
      .at(-1)
      ?.split(',')
      .map((field, index) => [names[index], field]),
  )
  expect(later.get('what')).toBe('in a year')
  expect([later.get('years'), later.get('rate_rps'), later.get('machines')]).toEqual(['1', '900', '7'])
  expect(Number(later.get('cost_per_month'))).toBeCloseTo(7 * perMachine, 6)
  expect(later.get('currency')).toBe('USD')
})

test('text and page name the cost of a month, also of growth, and the page draws the machines over time', () => {
  const style = (_kind: string, text: string): string => text
  expect(planText(plan, style)).toMatch(/In a year: 900\/s +7 machines with 2 workers each, [\d,]+ USD a month/)
  const page = renderCapacityHtml({ ...knownFindings(), plan }).replaceAll('\u00A0', ' ')
  expect(page).toContain('id="plan-growth"')
  expect(page).toMatch(/7 machines with 2 workers each, [\d,]+ USD a month/)
})

test('the bounds of what-ifs are in text, page and CSV; the page draws latency against the rate with the objective', () => {
  const row = plan.models[0]?.whatIf.find(({ change }) => change === '1.5 times the rate')
  const found = row?.prediction?.latency[0]?.latencyS
  if (row === undefined || found === undefined || found.high === null) throw new Error('Expected a prediction.')
  const style = (_kind: string, text: string): string => text
  const [estimate, high] = [formatDuration(found.estimate), formatDuration(found.high)]
  expect(planText(plan, style)).toContain(`; p99 ${estimate} (at most ${high})`)
  const page = renderCapacityHtml({ ...knownFindings(), plan }).replaceAll('\u00A0', ' ')
  expect(page).toContain(`p99 ${estimate} (${high})`)
  expect(page).toMatch(/id="plan-rates-known-p99-1"[\s\S]*p99 &lt; 40 ms[\s\S]*planned/)
  const line = renderPlanCsv(plan)
    .split('\r\n')
    .find((each) => each.includes('1.5 times the rate'))
  expect(line).toContain(`${found.estimate},${found.low},${found.high}`)
  // Plans of older versions have no rates.
  const older = plan.models.map((model) => {
    const kept: Partial<ModelPlan> = { ...model }
    delete (kept as { rates?: unknown }).rates
    return kept as ModelPlan
  })
  expect(renderCapacityHtml({ ...knownFindings(), plan: { ...plan, models: older } })).not.toContain('plan-rates')
})
