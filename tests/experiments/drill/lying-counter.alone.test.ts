import { proveInTests } from './prove.ts'

proveInTests('lying-counter')
