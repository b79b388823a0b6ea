import { proveInTests } from './prove.ts'

proveInTests('pm2-online', { sideBySide: true })
