import { proveInTests } from './prove.ts'

proveInTests('leak-in-step')
