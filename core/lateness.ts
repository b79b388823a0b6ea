/** Lateness above this, or above 5 % of the p99 latency, makes an open loop's latencies doubtful. */
const LATENESS_LIMIT_MS = 2

/** How late, in ms at the 99th percentile, an open loop may send before its latencies are doubtful; by their own p99. */
export function latenessLimitMs(p99Ms: number | null): number {
  return Math.max(LATENESS_LIMIT_MS, 0.05 * (p99Ms ?? 0))
}

/** Whether requests were sent so late that their latencies are not the server's alone; never in a closed loop. */
export function isSentLate({
  latenessP99Ms,
  p99Ms,
}: {
  readonly latenessP99Ms: number | null
  readonly p99Ms: number | null
}): boolean {
  return (latenessP99Ms ?? 0) > latenessLimitMs(p99Ms)
}
