import { workerData } from 'node:worker_threads'
import { computeNow, type PrimeWork } from './spinner-work.ts'

// The thread ends with its computing.
computeNow(workerData as PrimeWork)
