import { ForkwiseError } from '../core/errors.ts'
import { quoted, shortened } from '../core/quotes.ts'

/** Where an agent may send load: an origin, or every port of a host. */
export class TargetPattern {
  readonly #protocol: string
  readonly #hostname: string
  /** Null = every port. */
  readonly #port: string | null

  private constructor(protocol: string, hostname: string, port: string | null) {
    this.#protocol = protocol
    this.#hostname = hostname
    this.#port = port
  }

  /** Reads `http://10.0.0.1:3000` or `http://10.0.0.1:*`; throws a usage error that names the option. */
  static parse(text: string, option: string): TargetPattern {
    const everyPort = text.endsWith(':*')
    const url = urlOf(everyPort ? text.slice(0, -2) : text)
    const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
    if (url === null || !isOrigin || url.hostname.includes('*') || (everyPort && url.port !== '')) {
      throw new ForkwiseError('USAGE', {
        message: `Expected \`${option}\` to be where load may go, got ${quoted(text)}.`,
        hint: 'Write it like http://10.0.0.1:3000, or http://10.0.0.1:* for every port of a host.',
      })
    }
    return new TargetPattern(url.protocol, url.hostname, everyPort ? null : url.port)
  }

  /** Whether a target may be loaded: an origin and no more, of the same protocol, host as it is written, and port. */
  allows(target: string): boolean {
    const url = urlOf(target)
    return (
      url !== null &&
      url.origin === target &&
      url.protocol === this.#protocol &&
      url.hostname === this.#hostname &&
      (this.#port === null || url.port === this.#port)
    )
  }

  /** As it is written. */
  toString(): string {
    const port = this.#port === null ? ':*' : this.#port === '' ? '' : `:${this.#port}`
    return `${this.#protocol}//${this.#hostname}${port}`
  }
}

/** A target in a message of one line. */
export function targetText(target: string): string {
  return shortened(urlOf(target)?.origin ?? 'something that is no address')
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}
