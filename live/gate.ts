import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What of a request decides whether it is let in. */
export interface Caller {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What becomes of a request: it gets a path, the cookie for a token, or a status with the reason. */
export type Admission =
  | { readonly kind: 'serve'; readonly path: string }
  | { readonly kind: 'exchange'; readonly cookie: string }
  | { readonly kind: 'refuse'; readonly status: 400 | 403 | 405; readonly reason: string }

/**
 * Who may see a page. The address that is printed carries a random token, which is exchanged for a cookie. The host must
 * be the address that is listened on (a name that was pointed here later is refused), and no other site may ask, with or
 * without the cookie. Nothing can be changed, so only reading is let in.
 */
export class Gate {
  readonly #authority: string
  readonly #token: string
  readonly #cookie: string

  /** `authority` is host and port, e.g. `127.0.0.1:4000`. */
  constructor(authority: string, token: string = randomBytes(24).toString('base64url')) {
    this.#authority = authority
    this.#token = token
    // Cookies are shared by all ports of a host.
    this.#cookie = `forkwise-live-${authority.split(':').at(-1) ?? ''}`
  }

  /** The address to open, token included. */
  get address(): string {
    return `http://${this.#authority}/?token=${this.#token}`
  }

  /** Decides about a request. */
  admit({ method, url, headers }: Caller): Admission {
    if (headers['host'] !== this.#authority)
      return refusal(403, `This page is at http://${this.#authority} only. ${OPEN}`)
    if (isForeign(headers, `http://${this.#authority}`))
      return refusal(403, `Another site asked for this page, which it may not. ${OPEN}`)
    if (method !== 'GET')
      return refusal(405, `Expected GET, got ${plainMethod(method)}: this page can only be read. ${OPEN}`)
    if (!URL.canParse(url, 'http://x') || !url.startsWith('/'))
      return refusal(400, `Expected a path that begins with a slash. ${OPEN}`)
    const { pathname, searchParams } = new URL(url, 'http://x')
    const token = searchParams.get('token')
    if (pathname === '/' && token !== null && alike(token, this.#token)) {
      return {
        kind: 'exchange',
        cookie: `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`,
      }
    }
    if (!alike(cookieOf(headers['cookie'], this.#cookie) ?? '', this.#token)) {
      return refusal(
        403,
        `Expected the token of this page, or the cookie that it was exchanged for, got ${token === null ? 'neither' : 'another token'}. ${OPEN} Each start of a command has a token of its own.`,
      )
    }
    return { kind: 'serve', path: pathname }
  }
}

/** What to do instead. */
const OPEN = 'Open the address that the command printed after "live page:", all of it, in a browser on this machine.'

/** The method of a request, as far as it is a word. */
function plainMethod(method: string): string {
  return /^[A-Z]{1,16}$/.test(method) ? method : 'another method'
}

function refusal(status: 400 | 403 | 405, reason: string): Admission {
  return { kind: 'refuse', status, reason }
}

/** True for a request that another origin makes. Following a link to the page is none; its token or cookie decides. */
function isForeign(headers: Caller['headers'], origin: string): boolean {
  if (headers['origin'] !== undefined && headers['origin'] !== origin) return true
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document'
}

function cookieOf(header: Caller['headers'][string], name: string): string | null {
  if (typeof header !== 'string') return null
  for (const pair of header.split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name) return value ?? null
  }
  return null
}

/** Compares secrets in a time that does not show where they differ. */
function alike(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}
