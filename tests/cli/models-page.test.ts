import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelsTable } from '../../cli/models-page.ts'
import { loadModels } from '../../cluster/models.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'

/** A table as it means the same, however its columns are padded. */
function unpadded(text: string): string {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
}

test('docs/MODELS.md has the models as they are; UPDATE_GOLDEN=1 writes it anew', async () => {
  const path = join(PACKAGE_ROOT, 'docs', 'MODELS.md')
  const table = modelsTable(await loadModels())
  const page = readFileSync(path, 'utf8')
  if (process.env['UPDATE_GOLDEN'] === '1')
    writeFileSync(
      path,
      page.replace(/^\|[\s\S]*\|$/m, () => table),
    )
  expect(unpadded(readFileSync(path, 'utf8'))).toContain(unpadded(table))
})
