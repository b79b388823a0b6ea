import { answers } from './readiness.ts'

/** Addresses that `localhost` may mean, in the order in which they are tried. */
const MEANINGS = ['127.0.0.1', '[::1]'] as const

/**
 * The address that a server of this machine is reached at: for `localhost` the one of its two meanings where something
 * accepts connections (the first when neither does), so that no name is looked up while anything is measured.
 */
export async function resolveLoopback(url: URL): Promise<URL> {
  if (url.hostname !== 'localhost') return url
  for (const hostname of MEANINGS) {
    const address = withHost(url, hostname)
    if (await answers(address, null)) return address
  }
  return withHost(url, MEANINGS[0])
}

function withHost(url: URL, hostname: string): URL {
  const address = new URL(url)
  address.hostname = hostname
  return address
}
