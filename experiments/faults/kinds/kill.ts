import { signalProcess } from '../../../cluster/census.ts'
import type { Fault } from '../fault.ts'
import { sendLongRequest } from '../long-request.ts'
import { findComputingWorker } from '../target-worker.ts'

/** Longest wait for the end of the long request once the load is over, in seconds: in Python it computes for six. */
const PATIENCE_S = 5

const fault: Fault = {
  id: 'kill',
  title: 'A worker is killed',
  question: 'A worker is killed (SIGKILL) in the middle of its work, as the kernel does it when memory runs out.',
  recoveryFrom: 'injection',
  lastsS: 0,
  watchS: 9,
  offeredBy: () => null,
  async inject(server, scene) {
    const long = scene.mayAsk ? sendLongRequest(server, scene.signal) : null
    const { unit, computing, notedAs } = await findComputingWorker(server, scene)
    scene.injected()
    signalProcess(unit.pid, 'SIGKILL')
    return {
      facts: { unit: unit.name, computing },
      notedAs,
      ...(long === null ? {} : { later: async () => ({ longRequest: await long.end(PATIENCE_S) }) }),
    }
  },
}

export default fault
