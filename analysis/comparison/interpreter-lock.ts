import type { Manifest, MeasuredTrial } from '../../core/records.ts'
import { holdsInterpreterLock } from '../../core/python-version.ts'
import { mean } from '../statistics/sample.ts'
import { listText } from '../wording.ts'
import type { Observations } from './observations.ts'
import { kindOf } from './summary.ts'

/**
 * What the lock of an interpreter did under work for the CPU, where the Python of a model was named: how many cores the
 * busiest of its processes used at saturation, however many threads it has.
 */
export function lockNotes(manifest: Manifest, observations: Pick<Observations, 'of'>): string[] {
  return manifest.plan.workloads.flatMap((id) => {
    const workload = manifest.workloads.find((each) => each.id === id)
    if (kindOf(id, workload, null) !== 'cpu') return []
    const busiest = manifest.models.flatMap(({ id: model, python }) => {
      if (python === undefined) return []
      const cores = [...observations.of(model, id).values()].map(busiestCores).filter((each) => each !== null)
      if (cores.length === 0) return []
      return [{ locked: holdsInterpreterLock(python), text: `of ${model} ${mean(cores).toFixed(2)}` }]
    })
    const sentence = (locked: boolean, because: string): string[] => {
      const own = busiest.filter((each) => each.locked === locked).map(({ text }) => text)
      return own.length === 0 ? [] : [`Cores that the busiest process used under ${id}: ${listText(own)}. ${because}`]
    }
    return [
      ...sentence(
        true,
        'The lock of the interpreter lets one thread of a process compute at a time: one core at most.',
      ),
      ...sentence(false, 'There is no lock: all threads of a process compute at the same time.'),
    ]
  })
}

/** Cores of the worker process that used most of them; null where no worker was seen. */
function busiestCores({ saturation: { server, host } }: MeasuredTrial): number | null {
  const used = server.filter(({ role }) => role === 'worker').map(({ cpuS }) => cpuS / host.wallS)
  return used.length === 0 ? null : Math.max(...used)
}
