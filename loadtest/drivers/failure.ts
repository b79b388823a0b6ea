/** The words for what ended a request without a complete answer, the same for every client. */
export const FAILURE = {
  noAnswer: 'closed without an answer',
  halfAnswer: 'closed in the middle of an answer',
  notHttp: 'the answer is not HTTP',
  unaskedContinue: '100 Continue, which no request had asked for',
} as const

/** The words for a socket's error: its code and call where it has them, without what differs between connections. */
export function socketFailure(error: NodeJS.ErrnoException): string {
  return error.syscall === undefined ? error.message : `${error.syscall} ${error.code ?? error.message}`
}
