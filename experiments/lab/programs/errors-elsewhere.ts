// Work that goes wrong in a thread or a process of its own.
import { isMainThread, workerData } from 'node:worker_threads'
import { fail, type Fault } from './errors-fault.ts'

fail((isMainThread ? process.argv[2] : workerData) as Fault)
