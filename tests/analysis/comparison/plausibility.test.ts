import { expect, test } from 'vitest'
import { plausibilityNotes } from '../../../analysis/comparison/plausibility.ts'
import type { Manifest, Verdict } from '../../../core/records.ts'

const manifest = { plan: { workers: 2 } } as unknown as Manifest

function verdict(estimate: number, metric: Verdict['metric'] = 'throughput'): Verdict {
  const ratio = { estimate, low: estimate * 0.9, high: estimate * 1.1, confidence: 0.95 }
  return { workload: 'own', metric, baseline: 'single', candidate: 'pm2-fork', ratio } as unknown as Verdict
}

test('two workers do not give 57 times the throughput of one process', () => {
  expect(plausibilityNotes(manifest, [verdict(57.37)], [])).toEqual([
    expect.stringMatching(/^Doubtful: 2 workers cannot give 57\.4 times the throughput, as pm2-fork has of single/),
  ])
})

test('what may be is let be, and so is latency', () => {
  expect(
    plausibilityNotes(manifest, [verdict(1.9), verdict(2.85), verdict(0.01), verdict(57, 'latency-p50')], []),
  ).toEqual([])
})

test('what has places for more requests that wait may answer as many times more of them', () => {
  const cells = [
    { model: 'single', workload: 'own', connections: 8 },
    { model: 'pm2-fork', workload: 'own', connections: 80 },
  ]
  expect(plausibilityNotes(manifest, [verdict(57)], cells)).toEqual([])
  expect(plausibilityNotes(manifest, [verdict(61)], cells)).toHaveLength(1)
})
