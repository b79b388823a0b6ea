import net from 'node:net'

/** Whether somebody accepts TCP connections at an address within `limitMs`; an IPv6 address may stand in brackets. */
export function acceptsConnections(
  { host, port }: { readonly host: string; readonly port: number },
  limitMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: host.replace(/^\[|\]$/g, ''), port })
    const settle = (accepted: boolean) => () => {
      clearTimeout(late)
      resolve(accepted)
      socket.destroy()
    }
    const late = setTimeout(settle(false), limitMs)
    socket.once('connect', settle(true))
    socket.once('error', settle(false))
  })
}
