import { proveInTests } from './prove.ts'

proveInTests('imbalance', { sideBySide: true })
