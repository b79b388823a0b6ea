import { claimPlace } from './places.ts'
import { readSettings } from './settings.ts'
import { LAUNCH_ENV } from '../core/unit.ts'

// NGINX Unit starts every process of an app with the same words and the same environment: each takes a name for itself.
const { launchDir } = readSettings()
if (launchDir !== null) process.env[LAUNCH_ENV.unitName] = claimPlace(launchDir, process.pid)
await import('./main.ts')
