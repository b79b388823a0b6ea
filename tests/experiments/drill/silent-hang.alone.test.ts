import { proveInTests } from './prove.ts'

proveInTests('silent-hang', { sideBySide: true })
