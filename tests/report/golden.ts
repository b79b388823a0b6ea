import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'

/** Compares a text with tests/golden/<file>; `UPDATE_GOLDEN=1` writes it instead, for a person to read the difference. */
export function expectGolden(file: string, text: string): void {
  const path = join(PACKAGE_ROOT, 'tests', 'golden', file)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text, `differs from tests/golden/${file}; UPDATE_GOLDEN=1 writes it anew`).toBe(readFileSync(path, 'utf8'))
}
