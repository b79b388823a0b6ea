import { proveInTests } from './prove.ts'

proveInTests('blocked-loop')
