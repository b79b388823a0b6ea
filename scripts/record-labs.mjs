// Makes docs/LABS.md and the table of labs in the README again: `npm run docs:labs`, on an idle machine (about five
// minutes). `-- --from DIR` takes the folder of a run of `forkwise lab all` that is there already.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { labsTable, renderLabsPage } = await load('report/lab/labs-page.js')
const { readLabRecording } = await load('store/lab-folder.js')
const { analyseLabRecording } = await load('experiments/lab/run.js')

const given = argumentOf('--from')
const made = given === null ? mkdtempSync(join(tmpdir(), 'forkwise-labs-')) : null
try {
  if (made !== null) runLabs(join(made, 'labs'))
  const folder = resolve(given ?? join(made, 'labs'))
  const results = []
  for (const name of readdirSync(folder).toSorted()) {
    results.push(await analyseLabRecording(readLabRecording(join(folder, name))))
  }
  writeFileSync(join(root, 'docs', 'LABS.md'), renderLabsPage(results))
  writeReadme(labsTable(results))
} finally {
  if (made !== null) rmSync(made, { recursive: true, force: true })
}

function runLabs(out) {
  const words = [join(root, 'dist', 'cli', 'main.js'), 'lab', 'all', '--quick', '--seed', '7', '--out', out]
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`Expected the labs to end with exit code 0, got ${status}.`)
}

/** The table stands between two marks. */
function writeReadme(table) {
  const path = join(root, 'README.md')
  const text = readFileSync(path, 'utf8')
  const [begin, end] = ['<!-- labs: made by npm run docs:labs -->', '<!-- labs: end -->']
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error('Expected the marks of the table of labs in README.md, got none.')
  writeFileSync(path, `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`)
}

function argumentOf(option) {
  const at = process.argv.indexOf(option)
  return at === -1 ? null : (process.argv[at + 1] ?? null)
}

function load(file) {
  return import(pathToFileURL(join(root, 'dist', file)).href)
}
