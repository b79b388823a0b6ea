import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { boundsRestored, resultJson } from '../../core/estimate.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import type { Result } from '../../core/records.ts'
import { type FixtureRun, fixtureManifest, fixtureRun } from './fixture-run.ts'

/** Compares a text with tests/golden/<file>; `UPDATE_GOLDEN=1` writes it instead, for a person to read the difference. */
export function expectGolden(file: string, text: string): void {
  const path = join(PACKAGE_ROOT, 'tests', 'golden', file)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text, `differs from tests/golden/${file}; UPDATE_GOLDEN=1 writes it anew`).toBe(readFileSync(path, 'utf8'))
}

/**
 * The run that golden files are made from. Its result is kept in tests/fixtures/results, so that another wording in
 * analysis does not change what reports are held against; `UPDATE_GOLDEN=1` decides it anew.
 */
export function goldenRun(kind: 'full' | 'pilot'): Pick<FixtureRun, 'manifest' | 'result'> {
  const path = join(PACKAGE_ROOT, 'tests', 'fixtures', 'results', `${kind}.json`)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${resultJson(fixtureRun(7, { kind }).result, 1)}\n`)
  }
  return {
    manifest: fixtureManifest(7, { kind }),
    result: boundsRestored(JSON.parse(readFileSync(path, 'utf8'))) as Result,
  }
}
