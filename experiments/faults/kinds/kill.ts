import { signalProcess } from '../../../cluster/census.ts'
import type { Fault } from '../fault.ts'
import { findComputingWorker } from '../victim.ts'

const fault: Fault = {
  id: 'kill',
  title: 'A worker is killed',
  question: 'A worker is killed (SIGKILL) in the middle of its work, as the kernel does it when memory runs out.',
  recoveryFrom: 'strike',
  watchS: 9,
  offeredBy: () => null,
  async strike(server, scene) {
    const { unit, computing } = await findComputingWorker(server, scene)
    scene.struck()
    signalProcess(unit.pid, 'SIGKILL')
    return { facts: { unit: unit.name, computing } }
  },
}

export default fault
