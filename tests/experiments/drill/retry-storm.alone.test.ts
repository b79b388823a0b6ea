import { proveInTests } from './prove.ts'

proveInTests('retry-storm', { sideBySide: true })
