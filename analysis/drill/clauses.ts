import type { GoalClause } from '../../core/drill-record.ts'
import { LedgerWindow } from './window.ts'

/** Share of what a load had to send that must have been sent: the arrivals of some seconds vary by chance. */
const SENT_SHARE = 0.75

/** A quantile of the latency of a route is below a limit; not met where nothing was answered. */
export function quantileBelow(
  window: LedgerWindow,
  route: string,
  limitMs: number,
  { q = 0.99, ends = 'ok' }: { readonly q?: number; readonly ends?: 'ok' | 'all' } = {},
): GoalClause {
  const measured = window.quantileMs(route, q, ends)
  return {
    id: `${route}-latency`,
    text: `p${Math.round(q * 100)} of ${route} below ${limitMs} ms`,
    met: measured !== null && measured < limitMs,
    measured: measured === null ? 'nothing was answered' : `${Math.round(measured)} ms`,
  }
}

/** No more than this share of the requests of a route end otherwise than with the expected answer; not met where none ended that was due. */
export function lostAtMost(window: LedgerWindow, route: string, share: number): GoalClause {
  const measured = window.lostShare(route)
  return {
    id: `${route}-lost`,
    text: share === 0 ? `every request of ${route} answered as expected` : `at most ${percent(share)} of ${route} lost`,
    met: measured === null ? window.asked(route) < 1 : measured <= share,
    measured:
      measured === null ? 'none ended' : `${percent(measured)} lost (${window.lost(route)} of ${window.ended(route)})`,
  }
}

/** No request was open for longer than this. */
export function noneOlderThan(window: LedgerWindow, limitMs: number): GoalClause {
  return {
    id: 'oldest',
    text: `no request open for more than ${limitMs / 1000} s`,
    met: window.oldestMs <= limitMs,
    measured: `${(window.oldestMs / 1000).toFixed(1)} s`,
  }
}

/** A figure beside the ledger is at most this in every second; not met where it was not measured. */
export function factAtMost(window: LedgerWindow, name: string, limit: number, text: string, unit = ''): GoalClause {
  const values = window.facts(name)
  const most = Math.max(...values)
  return {
    id: name,
    text,
    met: values.length > 0 && most <= limit,
    measured: values.length === 0 ? 'not measured' : `${Number(most.toFixed(2))}${unit === '' ? '' : ` ${unit}`}`,
  }
}

/** A figure beside the ledger is within a share of what it should be, in every second; not met where one was not measured. */
export function factWithin(
  window: LedgerWindow,
  name: string,
  { expected, share }: { readonly expected: number; readonly share: number },
  text: string,
): GoalClause {
  const values = window.facts(name)
  const isWhole = values.length > 0 && values.length === window.seconds.length
  const worst = values.reduce(
    (far, value) => (Math.abs(value - expected) > Math.abs(far - expected) ? value : far),
    expected,
  )
  return {
    id: name,
    text,
    met: isWhole && Math.abs(worst - expected) <= share * expected,
    measured: isWhole
      ? `${Number(worst.toFixed(1))} at worst, for ${Number(expected.toFixed(1))}`
      : 'no number in some seconds',
  }
}

/** The same with a least value. */
export function factAtLeast(window: LedgerWindow, name: string, limit: number, text: string, unit = ''): GoalClause {
  const values = window.facts(name)
  const least = Math.min(...values)
  return {
    id: name,
    text,
    met: values.length > 0 && least >= limit,
    measured: values.length === 0 ? 'not measured' : `${Number(least.toFixed(2))}${unit === '' ? '' : ` ${unit}`}`,
  }
}

/** Of several counters beside the ledger none grows faster than so many times their mean; not met where nothing grows. */
export function atMostTimesMean(
  window: LedgerWindow,
  prefix: string,
  limit: number,
  { id, text }: { readonly id: string; readonly text: string },
): GoalClause {
  const growth = [...window.growth(prefix)].toSorted(([a], [b]) => a.localeCompare(b))
  const mean = growth.reduce((sum, [, count]) => sum + count, 0) / Math.max(1, growth.length)
  const ratio = Math.max(0, ...growth.map(([, count]) => count)) / mean
  return {
    id,
    text,
    met: mean > 0 && ratio <= limit,
    measured: mean > 0 ? `${ratio.toFixed(2)} (${growth.map(([, count]) => count).join(', ')})` : 'not measured',
  }
}

/** Several counters beside the ledger grow together by at most so much for each request that ended; not met where none did. */
export function growthPerRequestAtMost(
  window: LedgerWindow,
  prefix: string,
  limit: number,
  { id, text, unit }: { readonly id: string; readonly text: string; readonly unit: string },
): GoalClause {
  const growth = window.growth(prefix, 'all')
  // Growth is known from the second reading on.
  const counted = new LedgerWindow(window.seconds.slice(1))
  const ended = counted.routes.reduce((sum, route) => sum + counted.ended(route), 0)
  const each = [...growth.values()].reduce((sum, count) => sum + count, 0) / ended
  const isMeasured = growth.size > 0 && ended > 0
  return {
    id,
    text,
    met: isMeasured && each <= limit,
    measured: isMeasured ? `${each.toFixed(1)} ${unit}` : 'not measured',
  }
}

/** The fault has done something in the window: without it nothing is proved. */
export function isStruck(window: LedgerWindow, text: string): GoalClause {
  const strikes = window.facts('strikes').reduce((sum, count) => sum + count, 0)
  return { id: 'strikes', text, met: strikes > 0, measured: String(strikes) }
}

/** What every goal requires: there is a load, each route was asked for at its rate, and its requests ended. */
export function isServed(window: LedgerWindow): GoalClause {
  const text = 'every route asked for at its rate, and served'
  if (window.routes.length === 0) return { id: 'served', text, met: false, measured: 'nothing was asked for yet' }
  const short = window.routes.flatMap((route) => {
    const asked = Math.floor(window.asked(route) * SENT_SHARE)
    const { sent } = window.route(route)
    const ended = window.ended(route)
    return sent >= asked && (asked === 0 || ended > 0) ? [] : [`${route}: ${sent} sent, ${ended} ended`]
  })
  return {
    id: 'served',
    text,
    met: short.length === 0,
    measured: short.length === 0 ? 'as asked' : short.join('; '),
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
