import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { addressOf, terminate } from './app-process.ts'
import { ASGI_APP } from './asgi.ts'
import { INHERITED_FD } from './launch.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { BACKLOG, preparePython, PYTHON_FOLDER } from './python.ts'

/**
 * Starts processes of Daphne that accept from one socket, which each inherits: as its documentation has supervisord do
 * it, since Daphne itself is one process.
 */
export async function startDaphne(context: StartContext): Promise<ModelProcess> {
  const { launch, size, python } = context
  const env = preparePython(context)
  const socket = await listenOn(context)
  const words = ['-sBm', 'daphne', '--fd', `${INHERITED_FD}`, '--verbosity', '0', '--no-server-name', ASGI_APP]
  const workers = Array.from({ length: size.workers }, (_, index) =>
    launch.spawn({ name: `worker-${index + 1}`, role: 'worker' }, python.path, words, {
      env,
      cwd: PYTHON_FOLDER,
      inheritFd: descriptorOf(socket),
    }),
  )
  // At once: as long as it is open here, connections might be accepted here.
  socket.close()
  return { targets: () => [addressOf(context)], requestStop: () => terminate(...workers) }
}

/** The descriptor of a listening socket, which Node has in the handle inside (on every system but Windows). */
function descriptorOf(socket: Server): number {
  return (socket as unknown as Record<'_handle', { readonly fd: number }>)['_handle'].fd
}

async function listenOn({ host, port }: StartContext): Promise<Server> {
  const socket = createServer()
  socket.listen({ host, port, backlog: BACKLOG, exclusive: true })
  await once(socket, 'listening')
  return socket
}
