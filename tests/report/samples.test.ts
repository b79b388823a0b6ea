import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { analyseResilience } from '../../analysis/resilience/resilience.ts'
import { readMeasurements } from '../../store/capacity-folder.ts'
import { readCapacityFindings } from '../../store/capacity-results.ts'
import { readResilienceRun } from '../../store/resilience-folder.ts'

// The recorded runs of docs/sample, as they are committed.

const SAMPLES = join(PACKAGE_ROOT, 'docs', 'sample')
const folders = readdirSync(SAMPLES).filter((name) => existsSync(join(SAMPLES, name, 'report.html')))

test.each(folders)('%s: the policy of the page lets its own style and scripts run', (name) => {
  const page = readFileSync(join(SAMPLES, name, 'report.html'), 'utf8')
  const policy = (/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '').replaceAll(
    '&#39;',
    "'",
  )
  const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const parts = [...page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)].map(([, kind, text = '']) => ({ kind, text }))
  expect(parts.filter(({ kind }) => kind === 'style')).toHaveLength(1)
  for (const { kind, text } of parts) {
    expect(policy).toMatch(new RegExp(`${kind}-src [^;]*${hashOf(text).replaceAll(/[+/]/g, String.raw`\$&`)}`))
  }
})

describe('runs that are kept whole can be read again', () => {
  test('measurements, to plan with', () => {
    expect(readMeasurements([join(SAMPLES, 'plan')])).toMatchObject([{ model: 'cluster', workload: 'cpu' }])
    expect(readCapacityFindings(join(SAMPLES, 'plan')).plan).not.toBeNull()
  })

  test('faults', () => {
    const run = readResilienceRun(join(SAMPLES, 'resilience'))
    expect(run.notes).toEqual([])
    expect(analyseResilience(run.manifest, run.rates, run.cells).plan.models).toEqual(['single', 'cluster'])
    expect(run.cells.every((cell) => cell.outcome === 'failed' || (cell.memory ?? []).length > 0)).toBe(true)
  })
})
