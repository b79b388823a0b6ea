// Writes every file that is made from code: the pages of docs/, the dashboards and the rules.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allGeneratedFiles } from '../dist/cli/pages.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
for (const [path, text] of await allGeneratedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
