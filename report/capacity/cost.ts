import type { PlannedServer } from '../../analysis/capacity/planning/plan.ts'
import { formatCount } from '../../core/quantities.ts'

/** Hours of an average month: 365.25 days of 24 hours, over twelve. */
export const HOURS_PER_MONTH: number = (365.25 * 24) / 12

/** What so many machines like the planned ones cost in a month, in the currency of the price; null without a price. */
export function monthlyCost({ cost, machines }: PlannedServer, count: number): number | null {
  return cost === null ? null : (cost.perHour / machines) * count * HOURS_PER_MONTH
}

/** What a million requests cost on the planned servers, like `1,234 USD`; null without a price. */
export function costPerMillionText({ cost }: PlannedServer): string | null {
  return cost === null ? null : `${formatCount(cost.perMillionRequests)} ${cost.currency}`
}

/** What they cost in a month as text, like `1,234 USD a month`; empty without a price. */
export function monthlyCostText(server: PlannedServer, count: number): string {
  const amount = monthlyCost(server, count)
  return amount === null || server.cost === null ? '' : `${formatCount(amount)} ${server.cost.currency} a month`
}
