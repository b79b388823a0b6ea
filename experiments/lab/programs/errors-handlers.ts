// Work that goes wrong in a thread of Piscina or in a worker of BullMQ.
import { type DefinedHandler, defineHandler } from '../../../server/index.ts'
import { fail, type Fault } from './errors-fault.ts'

/** Work that goes wrong wherever the server's executor runs it. */
export const goWrong: DefinedHandler<Fault, unknown> = defineHandler({
  id: 'go-wrong',
  run: (fault: Fault) => fail(fault),
})
