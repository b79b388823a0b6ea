import { describe, expect, test } from 'vitest'
import { failureByExitCode, lastingFailure, reportedFailure } from '../../cluster/start-failure.ts'

/** The line that a measured process of ours prints when it cannot start. */
const line = (code: string, message: string): string =>
  `forkwise-start-error ${JSON.stringify({ code, problems: [{ message, hint: 'Export one.' }], stack: null })}`

describe('lastingFailure', () => {
  test.each([
    [
      'takes the words of the process about its app',
      `noise\n${line('APP_INVALID', 'No app.')}\n`,
      'APP_INVALID',
      'No app.',
    ],
    ['takes the last of several', `${line('APP_INVALID', 'one')}\n${line('APP_INVALID', 'two')}`, 'APP_INVALID', 'two'],
    ['takes a port that is taken', line('PORT_TAKEN', 'Taken.'), 'PORT_TAKEN', 'Taken.'],
    [
      'finds Node’s words for it',
      'Error: listen EADDRINUSE: address already in use 127.0.0.1:3000',
      'PORT_TAKEN',
      /3000/,
    ],
    ['finds NGINX’s words for it', 'bind() to 127.0.0.1:80 failed (98: Address already in use)', 'PORT_TAKEN', /:80/],
  ])('%s', (_, logs, code, message) => {
    expect(lastingFailure(logs)).toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  test.each([
    ['a failure that may pass', line('START_FAILED', 'Cannot listen.')],
    ['other errors', 'Error: out of memory'],
    ['a line that was cut off', line('APP_INVALID', 'No app.').slice(0, 40)],
    ['an empty log', ''],
  ])('is silent about %s', (_, logs) => {
    expect(lastingFailure(logs)).toBeNull()
  })
})

test('an exit code of 78 alone blames the app and shows the end of the log', () => {
  expect(failureByExitCode([78], 'SyntaxError: oops')).toMatchObject({
    code: 'APP_INVALID',
    message: 'The app under test cannot be used:\nSyntaxError: oops',
  })
  expect(failureByExitCode([1, null], 'SyntaxError: oops')).toBeNull()
})

test('what the user’s own app says about taken ports is no reason', () => {
  const logs = 'debug port 9229: EADDRINUSE, address already in use, going on without it'
  expect(reportedFailure(logs)).toBeNull()
  expect(reportedFailure(`${logs}\n${line('PORT_TAKEN', 'Taken.')}`)).toMatchObject({ code: 'PORT_TAKEN' })
})
