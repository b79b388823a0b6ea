import type { Fault } from '../fault.ts'

/** How much of its capacity is asked of the server. */
const OF_CAPACITY = 1.5

/** Seconds of it. */
const OVERLOAD_S = 6

const fault: Fault = {
  id: 'overload',
  title: 'Overload',
  question: `For ${OVERLOAD_S} s, ${OF_CAPACITY * 100} % of what the model was measured to do is asked of it. What fails, what waits, and how long does it take to get over it?`,
  recoveryFrom: 'end',
  watchS: OVERLOAD_S + 9,
  offeredBy: () => null,
  async strike(server, scene) {
    const offeredPerS = OF_CAPACITY * scene.capacityPerS
    const extra = await scene.overload(server, offeredPerS - scene.ratePerS, OVERLOAD_S)
    return { facts: { offeredPerS }, tookS: OVERLOAD_S, extra }
  },
}

export default fault
