import type { Load } from '../core/load.ts'
import type { LoadDriver } from './driver.ts'
import { closedDriver } from './drivers/closed.ts'
import { openDriver } from './drivers/open.ts'

/** The driver that runs loads of this kind. */
export function driverFor(load: Pick<Load, 'kind'>): LoadDriver {
  return load.kind === 'closed' ? closedDriver : openDriver
}
