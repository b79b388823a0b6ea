import type { Fault } from '../fault.ts'

/** How much of its capacity is asked of the server. */
const OF_CAPACITY = 1.5

/** Connections that wait for an answer all the time, where nobody knows the capacity. */
const CONNECTIONS = 300

/** Seconds of it. */
const OVERLOAD_S = 6

const fault: Fault = {
  id: 'overload',
  title: 'Overload',
  question: `For ${OVERLOAD_S} s, ${OF_CAPACITY * 100} % of what the model was measured to do is asked of it (${CONNECTIONS} requests at once where nothing was measured). What fails, what waits, and how long does it take to get over it?`,
  recoveryFrom: 'end',
  lastsS: OVERLOAD_S,
  watchS: OVERLOAD_S + 9,
  offeredBy: () => null,
  async inject(server, scene) {
    const { capacityPerS, ratePerS, lastsS } = scene
    if (capacityPerS === null || ratePerS === null) {
      const extra = await scene.drive(server, { kind: 'closed', connections: CONNECTIONS, durationS: lastsS })
      return { facts: {}, tookS: lastsS, extra }
    }
    const offeredPerS = OF_CAPACITY * capacityPerS
    const extra = await scene.drive(server, { kind: 'open', ratePerS: offeredPerS - ratePerS, durationS: lastsS })
    return { facts: { offeredPerS }, tookS: lastsS, extra }
  },
}

export default fault
