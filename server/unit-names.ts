/**
 * Name of a thread or child of a unit, unique within the launch: `thread-1`, or `worker-2-thread-1` when the unit's own
 * name ends in a number, since it then has siblings with threads of their own.
 */
export function memberName(unitName: string, kind: 'thread' | 'child', place: number): string {
  return /\d$/.test(unitName) ? `${unitName}-${kind}-${place}` : `${kind}-${place}`
}
