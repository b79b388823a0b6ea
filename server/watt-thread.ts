import { workerData } from 'node:worker_threads'
import { WATT_OWNER_ENV } from '../core/unit.ts'
import { startService, type Service } from './service.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'

/** What Watt passes to the thread of an application about its index. */
interface WattData {
  readonly worker?: { readonly index?: number }
}

const ownerEnv = JSON.parse(process.env[WATT_OWNER_ENV] ?? '{}') as Readonly<Record<string, string | null>>
for (const [name, value] of Object.entries(ownerEnv)) {
  if (value === null) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
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
