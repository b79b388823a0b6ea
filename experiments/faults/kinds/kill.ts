import { signalProcess } from '../../../cluster/census.ts'
import type { Fault } from '../fault.ts'
import { findComputingWorker } from '../target-worker.ts'

const fault: Fault = {
  id: 'kill',
  title: 'A worker is killed',
  question: 'A worker is killed (SIGKILL) in the middle of its work, as the kernel does it when memory runs out.',
  recoveryFrom: 'injection',
  lastsS: 0,
  watchS: 9,
  offeredBy: () => null,
  async inject(server, scene) {
    const { unit, computing } = await findComputingWorker(server, scene)
    scene.injected()
    signalProcess(unit.pid, 'SIGKILL')
    return { facts: { unit: unit.name, computing } }
  },
}

export default fault
