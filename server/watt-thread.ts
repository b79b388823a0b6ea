import { workerData } from 'node:worker_threads'
import { startService, type Service } from './service.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'

/** What Watt passes to the thread of an application about its index. */
interface WattData {
  readonly worker?: { readonly index?: number }
}

const thread = (workerData as WattData | null)?.worker?.index ?? 0
const settings = readSettings({ ...process.env, FORKWISE_UNIT: `worker-${thread + 1}` })

const starting: Promise<Service> = startService(settings, thread).then((service) => {
  service.announce()
  return service
})
starting.catch(exitWithStartError)

/** What Watt calls when the thread is to end: it finishes the requests in flight. */
export async function close(): Promise<void> {
  await (await starting).leave(settings.graceS)
}
