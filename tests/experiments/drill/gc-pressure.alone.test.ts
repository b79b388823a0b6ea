import { proveInTests } from './prove.ts'

proveInTests('gc-pressure')
