import { proveInTests } from './prove.ts'

proveInTests('thread-pool')
