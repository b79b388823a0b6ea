/** The executor's queue is full: answered with 503 and Retry-After. */
export class Overloaded extends Error {
  /** What Express's own error handling reads, when the error reaches it in an app of the user's. */
  readonly status: number = 503
  readonly headers: Readonly<Record<string, string>>
  readonly retryAfterS: number

  constructor(message: string, retryAfterS: number) {
    super(message)
    this.name = 'Overloaded'
    this.retryAfterS = retryAfterS
    this.headers = { 'Retry-After': String(retryAfterS) }
  }
}
