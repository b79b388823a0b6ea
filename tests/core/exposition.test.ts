import { describe, expect, test } from 'vitest'
import { parseExposition, parseSample } from '../../core/exposition.ts'
import { renderExposition } from '../../core/registry.ts'
import { METRICS } from '../../core/metrics.ts'

describe('renderExposition', () => {
  test('groups values by metric, each with its help and type', async () => {
    const text = await renderExposition(
      [
        { spec: METRICS.workers, labels: { state: 'ready' }, value: 4 },
        { spec: METRICS.workersDesired, value: 4 },
        { spec: METRICS.workers, labels: { state: 'draining' }, value: 1 },
      ],
      { model: 'cluster' },
    )
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      `# HELP server_workers ${METRICS.workers.help}`,
      '# TYPE server_workers gauge',
      'server_workers{model="cluster",state="ready"} 4',
      'server_workers{model="cluster",state="draining"} 1',
      `# HELP server_workers_desired ${METRICS.workersDesired.help}`,
      '# TYPE server_workers_desired gauge',
      'server_workers_desired{model="cluster"} 4',
    ])
  })

  test('writes a histogram with cumulative buckets, +Inf, sum and count', async () => {
    const counts = METRICS.gcDuration.buckets?.map((_, i) => i) ?? []
    const text = await renderExposition([
      { spec: METRICS.gcDuration, labels: { kind: 'minor' }, counts: [...counts, 5], sum: 1.5 },
    ])
    const lines = text.split('\n')
    expect(lines[2]).toBe('nodejs_gc_duration_seconds_bucket{kind="minor",le="0.001"} 0')
    expect(lines[4]).toBe('nodejs_gc_duration_seconds_bucket{kind="minor",le="0.1"} 3')
    expect(lines.slice(-4)).toEqual([
      'nodejs_gc_duration_seconds_bucket{kind="minor",le="+Inf"} 20',
      'nodejs_gc_duration_seconds_sum{kind="minor"} 1.5',
      'nodejs_gc_duration_seconds_count{kind="minor"} 20',
      '',
    ])
  })
})

describe('parseSample', () => {
  const lines: readonly [string, string, ReturnType<typeof parseSample>][] = [
    ['a bare value', 'up 1', { name: 'up', labels: {}, value: 1 }],
    ['labels', 'a{b="c",d="e"} 2.5', { name: 'a', labels: { b: 'c', d: 'e' }, value: 2.5 }],
    [
      'escapes and brackets inside a label',
      String.raw`a{b="x\"}\\,\n{"} 1`,
      { name: 'a', labels: { b: 'x"}\\,\n{' }, value: 1 },
    ],
    [
      'an infinite value with a time',
      'a{le="+Inf"} +Inf 1700000000.25',
      { name: 'a', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY, atMs: 1700000000250 },
    ],
    ['empty braces and an exponent', 'a{} 1e-9', { name: 'a', labels: {}, value: 1e-9 }],
    ['NaN', 'a NaN', { name: 'a', labels: {}, value: Number.NaN }],
  ]
  test.each(lines)('reads %s', (_, line, sample) => {
    expect(parseSample(line)).toEqual(sample)
  })

  test.each(['a{b="c} 1', 'a', 'a one', '1a 1', 'a{b="c"}'])('refuses %s and quotes it', (line) => {
    expect(() => parseSample(line)).toThrow(line)
  })
})

test('what renderExposition writes, parseExposition reads', async () => {
  const labels = { phase: 'a "quoted" \\ phase\nwith a line break' }
  expect(parseExposition(await renderExposition([{ spec: METRICS.loadPhase, labels, value: 1 }]))).toEqual([
    { name: 'loadgen_phase_info', labels, value: 1 },
  ])
})
