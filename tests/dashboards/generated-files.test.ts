import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { DASHBOARD_FOLDER, generatedFiles } from '../../dashboards/generated-files.ts'

test.each([...generatedFiles()])('%s is what the code makes (else: forkwise dashboards build)', (path, text) => {
  expect(readFileSync(join(PACKAGE_ROOT, path), 'utf8')).toBe(text)
})

test('there is no dashboard that no code makes', () => {
  const names = readdirSync(join(PACKAGE_ROOT, DASHBOARD_FOLDER)).map((name) => `${DASHBOARD_FOLDER}/${name}`)
  expect(names.filter((path) => !generatedFiles().has(path))).toEqual([])
})

test('all seven are there', () => {
  const dashboards = [...generatedFiles().keys()].filter((path) => path.startsWith(DASHBOARD_FOLDER))
  expect(dashboards).toHaveLength(7)
})
