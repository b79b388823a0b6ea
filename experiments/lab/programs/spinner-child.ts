import { computeNow } from './spinner-work.ts'
import { readArgument } from './trace.ts'

// The process ends with its computing.
computeNow(readArgument({ n: '5000111000222021', seconds: 3 }))
