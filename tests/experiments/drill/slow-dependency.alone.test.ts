import { proveInTests } from './prove.ts'

proveInTests('slow-dependency', { sideBySide: true })
