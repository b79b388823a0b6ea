import { createRequire } from 'node:module'
import { LAUNCH_ENV } from '../core/unit.ts'
import { claimPlace } from './places.ts'
import { readSettings } from './settings.ts'
import { serveThroughUnit, type UnitHttp } from './unit-http.ts'

// NGINX Unit starts every process of an app with the same words and the same environment: each takes a name for itself.
const { launchDir } = readSettings()
if (launchDir !== null) process.env[LAUNCH_ENV.unitName] = claimPlace(launchDir, process.pid)

// Before anything that serves is loaded.
const unit = createRequire(import.meta.url)(process.argv[2] ?? 'unit-http') as UnitHttp
serveThroughUnit(unit, () => process.emit('SIGTERM', 'SIGTERM'))
await import('./main.ts')
