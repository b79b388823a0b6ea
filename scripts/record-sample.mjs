// Makes the recorded run of docs/sample again: `npm run docs:sample`, on an idle machine (about 25 minutes), or with
// `-- --tiny` to try the script itself (about a minute; its figures mean nothing), or `-- --only compare` for one of its
// runs. Writes reports, results and pictures.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tiny = process.argv.includes('--tiny')
const target = argumentOf('--out') ?? join(root, 'docs', 'sample')
const only = argumentOf('--only')

/** What is run, each with its arguments for the real sample and for a try. */
const RUNS = [
  {
    name: 'compare',
    command: 'compare',
    words: ['--seed', '7'],
    tiny: ['--models', 'single,cluster', '--workloads', 'cpu', '--quick', '--seed', '7'],
    result: 'result.json',
  },
  {
    name: 'scale',
    command: 'scale',
    words: ['single', 'cluster', 'worker-pool', '--blocks', '5', '--seed', '7'],
    tiny: ['cluster', '--workers', '1,2,3,4', '--blocks', '1', '--seed', '7'],
    result: 'scale.json',
  },
  {
    name: 'resilience',
    command: 'resilience',
    words: ['--quick'],
    tiny: null,
    result: 'result.json',
  },
]

/** Files of a run that are kept; raw trials and histograms are too large for a repository. */
const KEPT = ['report.html', 'report.md', 'cells.csv']

/** Pictures: the upper part of a page as a reader first sees it. */
const PICTURE = { width: 1280, height: 1000 }

// The command that runs is interrupted too and ends with 130: then what is below clears up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)

const scratch = mkdtempSync(join(tmpdir(), 'forkwise-sample-'))
try {
  mkdirSync(target, { recursive: true })
  for (const run of RUNS) if (only === undefined || run.name === only) record(run)
  await takePictures()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function record({ name, command, words, tiny: tinyWords, result }) {
  if (!existsSync(join(root, 'dist', 'cli', 'commands', `${command}.js`))) return skip(name, 'there is no such command')
  const own = tiny ? tinyWords : words
  if (own === null) return skip(name, 'not part of a try')
  const out = join(scratch, name)
  process.stderr.write(`\n${name}: forkwise ${[command, ...own].join(' ')}\n`)
  const done = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), command, ...own, '--out', out], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '110' },
    cwd: scratch,
  })
  // 5 is an answer too: a threshold was missed.
  if (done.status !== 0 && done.status !== 5) {
    throw new Error(`Expected forkwise ${command} to end with 0 or 5, got ${done.status ?? done.signal}.`)
  }
  const folder = join(target, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // Where it was made is nobody's business, and not there any more.
  const keep = (file, text) => writeFileSync(join(folder, file), text.replaceAll(out, `results/${name}`))
  for (const file of [...KEPT, result]) {
    if (existsSync(join(out, file))) keep(file, readFileSync(join(out, file), 'utf8'))
  }
  keep('terminal.txt', done.stdout)
}

function argumentOf(option) {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}

function skip(name, why) {
  process.stderr.write(`\n${name}: left out, ${why}\n`)
}

async function takePictures() {
  const found = spawnSync('sh', ['-c', 'command -v chromium || command -v google-chrome'], { encoding: 'utf8' })
  const executablePath = found.stdout.trim().split('\n')[0]
  if (!executablePath) throw new Error('Expected Chromium on the PATH, got none: npm run setup:system installs it.')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    for (const { name } of RUNS) {
      const report = join(target, name, 'report.html')
      if (!existsSync(report)) continue
      for (const scheme of ['light', 'dark']) {
        const page = await browser.newPage({ viewport: PICTURE, colorScheme: scheme })
        await page.goto(pathToFileURL(report).href)
        const picture = join(target, name, `report-${scheme}.png`)
        await page.screenshot({ path: picture })
        await page.close()
        process.stderr.write(`${picture}: ${Math.round(statSync(picture).size / 1000)} KB\n`)
      }
    }
  } finally {
    await browser.close()
  }
}
