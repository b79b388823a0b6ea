import { expect, test } from 'vitest'
import { readWrk } from '../../../loadtest/calibration/wrk.ts'

const OUTPUT = `Running 2s test @ http://127.0.0.1:3000/
  1 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    20.21ms    1.52ms  33.34ms   92.30%
    Req/Sec   496.35     21.02   530.00     75.00%
  Latency Distribution
     50%   20.05ms
     75%   20.31ms
     90%   21.02ms
     99%   27.65ms
  988 requests in 2.00s, 38.59KB read
Requests/sec:    493.51
Transfer/sec:     19.28KB
`

test.each([
  { median: '20.05ms', p50Ms: 20.05 },
  { median: '85.00us', p50Ms: 0.085 },
  { median: '1.20s', p50Ms: 1200 },
])('reads a median of $median', ({ median, p50Ms }) => {
  const result = readWrk(OUTPUT.replace('20.05ms', median))
  expect(result.ratePerS).toBe(493.51)
  expect(result.p50Ms).toBeCloseTo(p50Ms, 9)
})

test('output without figures is an error that shows it', () => {
  expect(() => readWrk('unable to connect to 127.0.0.1:1 Connection refused')).toThrow(/unable to connect/)
})
