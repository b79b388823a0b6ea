import { handler } from '../../../server/handlers/cpu-prime.ts'
import { runToEnd } from '../../../server/slices.ts'

process.on('message', (n: string) => process.send?.(runToEnd(handler.run({ n }, undefined as never))))
// The channel closes when the one that asks has its answers, and also when it dies.
process.on('disconnect', () => process.exit())
process.send?.('ready')
