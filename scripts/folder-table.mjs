// Prints the folders of the sources as a Markdown table: files, lines, and imports from and to other folders.
// `node scripts/folder-table.mjs [REVISION …]` reads revisions from git; without one, the working tree.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FOLDERS = [
  'core',
  'server',
  'cluster',
  'analysis',
  'store',
  'loadtest',
  'agents',
  'experiments',
  'report',
  'dashboards',
  'live',
  'cli',
]

const revisions = process.argv.slice(2)
for (const revision of revisions.length === 0 ? [null] : revisions) {
  if (revisions.length > 1) console.log(`\n${revision}\n`)
  console.log(tableOf(revision === null ? workingTree() : treeAt(revision)))
}

function tableOf(texts) {
  const rows = new Map(FOLDERS.map((folder) => [folder, { files: 0, lines: 0, out: 0, into: 0, to: new Set() }]))
  for (const [file, text] of texts) {
    const from = rows.get(file.split('/')[0])
    from.files += 1
    from.lines += text.split('\n').length - 1
    for (const [, target] of text.matchAll(/^(?:import|export)\s+(?:type\s)?[^'"]*?from\s+'(\.[^']+)'/gm)) {
      const folder = join(dirname(file), target).split('/')[0]
      if (folder === file.split('/')[0] || !rows.has(folder)) continue
      from.out += 1
      from.to.add(folder)
      rows.get(folder).into += 1
    }
  }
  const shown = [...rows].filter(([, { files }]) => files > 0)
  const lines = shown.map(
    ([folder, { files, lines, out, into, to }]) =>
      `| \`${folder}\` | ${files} | ${lines} | ${out} | ${into} | ${[...to].sort((a, b) => a.localeCompare(b)).join(', ') || '–'} |`,
  )
  return [
    '| folder | files | lines | imports of others | imported by others | imports |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

function workingTree() {
  const walk = (folder) =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) return name === 'dist' || name === 'node_modules' ? [] : walk(path)
      return name.endsWith('.ts') ? [[path, readFileSync(path, 'utf8')]] : []
    })
  return FOLDERS.filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory()).flatMap(walk)
}

function treeAt(revision) {
  const git = (...words) => execFileSync('git', words, { encoding: 'utf8', maxBuffer: 2 ** 28 })
  return git('ls-tree', '-r', '--name-only', revision)
    .split('\n')
    .filter((file) => file.endsWith('.ts') && FOLDERS.includes(file.split('/')[0]))
    .map((file) => [file, git('show', `${revision}:${file}`)])
}
