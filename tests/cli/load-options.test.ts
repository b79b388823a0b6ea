import { expect, test } from 'vitest'
import { parseArguments } from '../../cli/arguments.ts'
import { command } from '../../cli/commands/load.ts'
import { wordsToOptions } from '../../cli/option-words.ts'
import { ProblemList } from '../../core/errors.ts'
import type { Load, WorkloadRequest } from '../../core/load.ts'
import type { PreparedLoad } from '../../experiments/load/load.ts'
import { readLoad } from '../../experiments/load/read-load.ts'
import { LOAD } from '../../experiments/options/sets/load.ts'

/** Understands a command line of `forkwise load`, as the command does. */
function understand(words: readonly string[], url: string = 'http://127.0.0.1:3000/a?b=c'): PreparedLoad {
  const problems = new ProblemList()
  const given = wordsToOptions(LOAD, parseArguments(command, [url, ...words]), problems)
  const prepared = readLoad(given, problems)
  problems.throwIfAny()
  return prepared
}

test.each<{ what: string; words: string[]; load?: Partial<Load>; request?: Partial<WorkloadRequest> }>([
  {
    what: 'ten connections for ten seconds when nothing is said',
    words: [],
    load: { kind: 'closed', connections: 10, durationS: 10, timeoutS: 5 },
    request: { method: 'GET', path: '/a?b=c', route: '/a', expectStatus: 200, headers: {} },
  },
  {
    what: 'a rate makes an open loop of Poisson arrivals',
    words: ['--rate', '5400/min', '-d', '1m30s', '--seed', '7'],
    load: { kind: 'open', ratePerS: 90, arrivals: 'poisson', durationS: 90, seed: 7, maxConnections: 1000 },
  },
  {
    what: 'evenly spaced arrivals over a bounded number of connections, after a warm-up',
    words: ['--rate', '20', '--arrivals', 'constant', '--max-connections', '5', '--warmup', '500ms'],
    load: { arrivals: 'constant', maxConnections: 5, warmupS: 0.5 },
  },
  {
    what: 'how connections are used',
    words: ['--rate', '20', '--min-connections', '8', '--requests-per-connection', '100'],
    load: { minConnections: 8, requestsPerConnection: 100 },
  },
  {
    what: 'what fails is tried again',
    words: ['--rate', '20', '--retries', '3', '--retry-backoff', '100ms', '--retry-budget', '10%'],
    load: { retries: { most: 3, backoffMs: 100, budget: 0.1 } },
  },
  {
    what: 'a closed loop warms up for a fixed time',
    words: ['--connections', '3', '--warmup', '2s'],
    load: { kind: 'closed', connections: 3, warmup: { minS: 2, maxS: 2, minCount: 0 } },
  },
  {
    what: 'a body makes it a POST; header names are case-insensitive and values may hold colons',
    words: ['--body', 'x', '-H', 'X-When: 10:30', '-H', 'Accept:*/*', '--expect', '201'],
    request: { method: 'POST', body: 'x', headers: { 'x-when': '10:30', accept: '*/*' }, expectStatus: 201 },
  },
  { what: 'methods in lower case', words: ['-m', 'head'], request: { method: 'HEAD' } },
])('$what', ({ words, load = {}, request = {} }) => {
  const understood = understand(words)
  expect(understood.load).toMatchObject(load)
  expect(understood.request).toMatchObject(request)
})

test.each([
  { words: ['--min-connections', '8'], says: /`--min-connections` only with `--rate`/ },
  { words: ['--retries', '2'], says: /`--retries` only with `--rate`/ },
  { words: ['--rate', '9', '--retry-budget', '10%'], says: /`--retry-budget` only with `--retries`/ },
  { words: ['--requests-per-connection', '8'], says: /`--requests-per-connection` only with `--rate`/ },
  {
    words: ['--rate', '9', '--min-connections', '8', '--max-connections', '4'],
    says: /`--min-connections` to be at most `--max-connections`, 4, got 8/,
  },
  { words: ['--agents', '10.0.0.2'], says: /`--identity` with `--agents`, got none/ },
  { words: ['--identity', 'a.pem'], says: /`--identity` only with `--agents`/ },
  {
    words: ['--agents', 'a b', '--identity', 'a.pem'],
    says: /`--agents` to be an address like 10\.0\.0\.2:7420, got "a b"/,
  },
  {
    words: ['--agents', '10.0.0.2', '--identity', 'none.pem'],
    says: /an identity for the controller of a campaign, got .*none\.pem/,
  },
  { words: ['--rate', '0'], says: /`--rate` to be a rate above 0, got "0"/ },
  { words: ['--rate=-5'], says: /`--rate` to be a rate above 0, got "-5"/ },
  { words: ['--connections', '0'], says: /a whole number from 1 to 10000, got 0/ },
  { words: ['--rate', '5', '--connections', '3'], says: /at most one of `--connections`, `--rate`/ },
  { words: ['--duration', '10'], says: /`--duration` to be a duration with a unit, got "10"/ },
  { words: ['--duration', '25h'], says: /`--duration` to be at most 1,?440 min/ },
  { words: ['--timeout', '2h'], says: /`--timeout` to be at most 10 min, got 120 min/ },
  { words: ['--arrivals', 'constant'], says: /`--arrivals` only with `--rate`/ },
  { words: ['--rate', '5', '--arrivals', 'bunched'], says: /`--arrivals` to be poisson or constant, got "bunched"/ },
  { words: ['--rate', '90000', '-d', '1h'], says: /at most 20,000,000 requests, got 324,000,000/ },
  { words: ['--method', 'brew'], says: /`--method` to be GET, .*, got "brew"/ },
  { words: ['--method', 'get', '--body', 'x'], says: /no `--body` with GET/ },
  { words: ['--body', '@/does/not/exist'], says: /`--body` to name a file that can be read/ },
  { words: ['--header', 'nonsense'], says: /`--header` to be "name: value", got "nonsense"/ },
  { words: ['--header', 'connection: close'], says: /leave `connection` to the generator/ },
  { words: ['--expect', '99'], says: /`--expect` to be a whole number from 200 to 599/ },
])('refused: $words', ({ words, says }) => {
  expect(() => understand(words)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(says) as string }),
  )
})

test.each(['ftp://x', 'x', '127.0.0.1:3000', 'http://', 'http://me:secret@127.0.0.1/'])(
  '%s is no address to load',
  (text) => {
    expect(() => understand([], text)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ message: expect.stringContaining('`URL`') })] }),
    )
  },
)

test('everything that is wrong is said at once', () => {
  const words = ['--rate=-5', '--connections=3', '--duration=10', '--method=brew', '--header=nonsense']
  expect(() => understand(words)).toThrow(
    expect.objectContaining({ problems: expect.toSatisfy((list: unknown[]) => list.length === 5) as unknown }),
  )
})
