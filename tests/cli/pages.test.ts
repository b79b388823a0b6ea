import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allGeneratedFiles } from '../../cli/pages.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'

const pages = [...(await allGeneratedFiles())].filter(([path]) => path.startsWith('docs/'))

test.each(pages)('%s is what the code makes (else: npm run docs)', (path, text) => {
  expect(readFileSync(join(PACKAGE_ROOT, path), 'utf8')).toBe(text)
})
