import type { Load } from '../core/load.ts'
import type { LoadDriver } from './driver.ts'
import { closedDriver } from './drivers/closed.ts'

/** The driver that runs loads of this kind. */
export function driverFor(load: Pick<Load, 'kind'>): LoadDriver {
  if (load.kind === 'closed') return closedDriver
  throw new Error('The open loop is not built yet.')
}
