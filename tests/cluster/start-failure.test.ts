import { describe, expect, test } from 'vitest'
import { appProblem, portProblem } from '../../cluster/start-failure.ts'

const line = (value: unknown): string => JSON.stringify(value)

describe('appProblem', () => {
  test.each([
    [
      'takes the message and the hint of the process',
      `noise\n${line({ code: 'APP_INVALID', message: 'No app.', hint: 'Export one.' })}\n`,
      [78],
      { message: 'No app.', hint: 'Export one.' },
    ],
    [
      'believes the line of a worker whose supervisor ended otherwise',
      line({ code: 'APP_INVALID', message: 'No app.' }),
      [1],
      { message: 'No app.' },
    ],
    [
      'takes the last of several',
      `${line({ code: 'APP_INVALID', message: 'one' })}\n${line({ code: 'APP_INVALID', message: 'two' })}`,
      [78],
      { message: 'two' },
    ],
    [
      'falls back on the log when only the exit code tells',
      'SyntaxError: oops',
      [78],
      { message: 'The app under test cannot be used:\nSyntaxError: oops' },
    ],
    ['is silent about other failures', 'Error: out of memory', [1], null],
    ['is silent about other JSON', line({ code: 'USAGE', message: 'x' }), [2], null],
  ])('%s', (_, logs, codes, expected) => {
    expect(appProblem(logs, codes)).toEqual(expected)
  })
})

test.each([
  ['finds Node’s words', 'Error: listen EADDRINUSE: address already in use 127.0.0.1:3000', true],
  ['finds NGINX’s words', 'bind() to 127.0.0.1:80 failed (98: Address already in use)', true],
  ['is silent about other failures', 'Error: EACCES', false],
])('portProblem %s', (_, logs, found) => {
  expect(portProblem(logs) !== null).toBe(found)
})
