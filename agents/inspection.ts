import { ForkwiseError } from '../core/errors.ts'
import { significant } from '../core/quantities.ts'
import type { MachineFinding } from '../core/records.ts'
import { type AgentAddress, addressText } from './addresses.ts'
import { AgentLink } from './agent-link.ts'
import type { ControllerSide } from './controller-side.ts'

/** Questions for an agent's time. */
const EXCHANGES = 32
/** Starts that cannot be told more exactly than this make figures second by second less exact. */
const CLOCK_ERROR_LIMIT_MS = 1

/** Whether an agent is there and serves this controller, and what is between the two. */
export async function inspectAgent(address: AgentAddress, side: ControllerSide): Promise<MachineFinding> {
  const check = `agent ${addressText(address)}`
  try {
    const link = await AgentLink.connect(address, side)
    try {
      const { roundTripMs, errorMs } = await link.readClock(EXCHANGES)
      const { host, cores, node } = link.facts
      const isFar = errorMs > CLOCK_ERROR_LIMIT_MS
      return {
        check,
        level: isFar ? 'warning' : 'ok',
        found: `${host}: ${cores} core${cores === 1 ? '' : 's'}, Node ${node}, the same build; round trip ${significant(roundTripMs)} ms, its clock is known to ±${significant(errorMs)} ms`,
        remedy: isFar ? 'Type the commands on a machine that is nearer to the agents.' : '',
      }
    } finally {
      link.close()
    }
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    return { check, level: 'critical', found: thrown.message, remedy: thrown.problems[0]?.hint ?? '' }
  }
}
