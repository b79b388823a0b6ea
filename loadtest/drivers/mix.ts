import { requestGroups, type WorkloadRequest } from '../../core/load.ts'
import { shuffled, type Random } from '../../core/random.ts'

/** Most cards in a deck: shares are kept to a hundredth. */
const MOST_CARDS = 100

/**
 * How often each request is in a deck, so that one pass through it has the mix's shares: the smallest deck that keeps
 * them exactly, or else the nearest one of a hundred cards (largest remainders), with at least one card for each
 * request of a weight above 0. Throws when no weight is above 0.
 */
export function deckCounts(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(total > 0) || weights.some((weight) => !(weight >= 0))) {
    throw new Error(`Expected weights of 0 or more with a sum above 0, got ${weights.join(', ')}.`)
  }
  const shares = weights.map((weight) => weight / total)
  for (let cards = 1; cards <= MOST_CARDS; cards++) {
    const counts = shares.map((share) => Math.round(share * cards))
    if (counts.every((count, i) => Math.abs(count / cards - (shares[i] ?? 0)) < 1e-9)) return counts
  }
  return apportion(shares)
}

/**
 * Deals the requests of a mix by index, in seeded random order and exact proportion: a deck is shuffled, dealt to its
 * end, and shuffled again. Requests of one group have their cards together, and take turns by a deck of their own.
 */
export function dealRequests(
  requests: readonly Pick<WorkloadRequest, 'weight' | 'group'>[],
  random: Random,
): () => number {
  const places = requests.map(({ weight, group }, place) => ({
    weight,
    place,
    ...(group === undefined ? {} : { group }),
  }))
  const groups = requestGroups(places)
  const weights = groups.map((group) => group.reduce((sum, { weight }) => sum + weight, 0))
  const draws = groups.map((group) =>
    dealDeck(
      group.map(({ place }) => place),
      random,
    ),
  )
  const nextGroup = dealDeck(
    deckCounts(weights).flatMap((count, i) => Array<number>(count).fill(i)),
    random,
  )
  return () => (draws[nextGroup()] as () => number)()
}

function dealDeck(deck: readonly number[], random: Random): () => number {
  if (deck.length === 1) return () => deck[0] as number
  let order = shuffled(deck, random)
  let next = 0
  return () => {
    if (next === order.length) {
      order = shuffled(deck, random)
      next = 0
    }
    return order[next++] as number
  }
}

function apportion(shares: readonly number[]): number[] {
  const exact = shares.map((share) => share * MOST_CARDS)
  const counts = exact.map((cards) => (cards > 0 ? Math.max(1, Math.floor(cards)) : 0))
  const byRemainder = exact
    .map((cards, i) => ({ i, remainder: cards - (counts[i] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder)
  const missing = MOST_CARDS - counts.reduce((sum, count) => sum + count, 0)
  for (const { i } of byRemainder.slice(0, Math.max(0, missing))) counts[i] = (counts[i] ?? 0) + 1
  return counts
}
