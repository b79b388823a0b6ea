import { expect, test } from 'vitest'
import { type AgentLimits, refusedJobs } from '../../agents/limits.ts'
import { TargetPattern } from '../../agents/targets.ts'
import type { GeneratorJob } from '../../loadtest/generator-protocol.ts'

const LIMITS: AgentLimits = {
  targets: [
    TargetPattern.parse('http://10.0.0.1:3000', '--allow'),
    TargetPattern.parse('http://10.0.0.2:*', '--allow'),
    TargetPattern.parse('https://[::1]:8443', '--allow'),
  ],
  ratePerS: 1000,
  connections: 50,
  durationS: 60,
  processes: 2,
}

const OPEN: GeneratorJob = {
  targets: ['http://10.0.0.1:3000'],
  requests: [{ route: 'a', method: 'GET', path: '/', weight: 1, expectStatus: 200 }],
  load: {
    kind: 'open',
    ratePerS: 1000,
    arrivals: 'poisson',
    durationS: 50,
    warmupS: 10,
    timeoutS: 1,
    seed: 1,
    maxConnections: 50,
  },
  closesSilently: false,
  share: { index: 0, of: 1 },
}
const CLOSED: GeneratorJob = {
  ...OPEN,
  load: { kind: 'closed', connections: 50, durationS: 60, timeoutS: 1, seed: 1 },
}

test('what is just within the limits is done', () => {
  expect(refusedJobs([OPEN], LIMITS)).toBeNull()
  expect(refusedJobs([CLOSED], LIMITS)).toBeNull()
  const half = { ...OPEN, load: { ...OPEN.load, ratePerS: 2000, maxConnections: 100 }, share: { index: 0, of: 2 } }
  expect(refusedJobs([half], LIMITS)).toBeNull()
})

test.each([
  { what: 'the rate of all shares', jobs: [{ ...OPEN, load: { ...OPEN.load, ratePerS: 1001 } }], limit: '1,000/s' },
  { what: 'connections of an open loop', jobs: [{ ...OPEN, load: { ...OPEN.load, maxConnections: 51 } }], limit: '50' },
  { what: 'connections of closed loops', jobs: [CLOSED, CLOSED], limit: '50' },
  { what: 'time', jobs: [{ ...OPEN, load: { ...OPEN.load, warmupS: 11 } }], limit: '1 min' },
  { what: 'processes', jobs: [OPEN, OPEN, OPEN], limit: '2' },
] as { what: string; jobs: GeneratorJob[]; limit: string }[])('more $what is refused', ({ jobs, limit }) => {
  expect(refusedJobs(jobs, LIMITS)).toContain(`more than its limit of ${limit}`)
})

test('a schedule that no memory could hold is refused, however large the limits are', () => {
  const huge = { ...OPEN, load: { ...OPEN.load, ratePerS: 1e9 } }
  expect(refusedJobs([huge], { ...LIMITS, ratePerS: 1e12 })).toContain('more than its limit of 20,000,000')
})

test.each([
  'http://10.0.0.1:3001',
  'https://10.0.0.1:3000',
  'http://10.0.0.11:3000',
  'http://10.0.0.1.example.org:3000',
  'http://10.0.0.1:3000@10.9.9.9:80',
  'http://10.0.0.1:3000/path',
  'http://10.0.0.1:3000/\u001b[31m',
  'http://10.0.0.3:80',
  'http://[::1]:8443',
  'nonsense',
])('a target that is not named is refused: %s', (target) => {
  expect(refusedJobs([{ ...OPEN, targets: ['http://10.0.0.1:3000', target] }], LIMITS)).toContain(
    'not among what it may load',
  )
})

test.each(['http://10.0.0.1:3000', 'http://10.0.0.2:1', 'http://10.0.0.2', 'https://[::1]:8443'])(
  'a target that is named is loaded: %s',
  (target) => {
    expect(refusedJobs([{ ...OPEN, targets: [target] }], LIMITS)).toBeNull()
  },
)

test.each(['10.0.0.1:3000', 'http://10.0.0.1:3000/path', 'ftp://a', 'http://u:p@a', 'http://*', '*', 'http://a:1:*'])(
  'what is no origin cannot be allowed: %s',
  (text) => {
    expect(() => TargetPattern.parse(text, '--allow')).toThrow(/Expected `--allow` to be where load may go/)
  },
)
