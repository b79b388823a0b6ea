// Makes the recorded runs of docs/sample again: `npm run docs:sample`, on an idle machine (about 20 minutes), or with
// `-- --tiny` to try the script itself (about a minute; its figures mean nothing), or `-- --only compare` for one of its
// runs, or several with commas between: `-- --only deployments,tasks` are the servers in Python and the task queues (about
// 13 minutes), `-- --only interpreters,front` CPython beside PyPy and NGINX before WSGI servers (about 7); `-- --only compare-16-cores --from DIR` keeps a run that was measured on another machine and copied here.
// Writes reports, results, pictures, and a page with what each run found in its own words. With `-- --render` nothing is measured: the reports of the runs that are kept
// whole are made again from their folders, and the pictures with them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tiny = process.argv.includes('--tiny')
const target = argumentOf('--out') ?? join(root, 'docs', 'sample')
const only = argumentOf('--only')
const from = argumentOf('--from')
const renderOnly = process.argv.includes('--render')

/**
 * What is run, each with its arguments for the real sample and for a try. Those that are `whole` are kept with all they
 * recorded, so that `report`, `observe` and `plan --from` accept them.
 */
const RUNS = [
  {
    name: 'compare',
    command: 'compare',
    words: ['--seed', '7'],
    tiny: ['--models', 'single,cluster', '--workloads', 'cpu', '--quick', '--seed', '7'],
    whole: false,
  },
  {
    name: 'quick',
    command: 'compare',
    words: ['--quick', '--models', 'single,cluster', '--workloads', 'cpu', '--seed', '7'],
    tiny: null,
    whole: true,
  },
  {
    name: 'scale',
    command: 'scale',
    words: ['single', 'cluster', 'worker-pool', '--blocks', '5', '--seed', '7'],
    tiny: ['cluster', '--workers', '1,2,3,4', '--blocks', '1', '--seed', '7'],
    whole: true,
  },
  {
    name: 'plan',
    command: 'plan',
    words: ['--models', 'cluster', '--rate', '250', '--slo', 'p99<200ms', '--seed', '7'],
    tiny: null,
    whole: true,
  },
  {
    name: 'resilience',
    command: 'resilience',
    words: ['--quick', '--models', 'single,cluster', '--faults', 'reload,kill,freeze,leak', '--seed', '7'],
    tiny: null,
    whole: true,
  },
  {
    name: 'deployments',
    command: 'compare',
    words: [
      '--models',
      'cluster,task-queue,celery,rq,uvicorn,gunicorn-gthread,nginx-gunicorn',
      '--workloads',
      'cpu,io',
      '--blocks',
      '8',
      '--seed',
      '7',
    ],
    tiny: ['--models', 'cluster,celery,nginx-gunicorn', '--workloads', 'cpu', '--quick', '--anyway', '--seed', '7'],
    whole: false,
  },
  {
    name: 'tasks',
    command: 'resilience',
    words: [
      '--models',
      'celery,celery-late-reply,rq,task-queue-reply,uvicorn,nginx-gunicorn',
      '--faults',
      'kill',
      '--quick',
      '--seed',
      '7',
    ],
    tiny: ['--models', 'celery-reply,celery-late-reply', '--faults', 'kill', '--quick', '--seed', '7'],
    whole: false,
  },
  {
    name: 'interpreters',
    command: 'compare',
    words: [
      '--workloads',
      'cpu',
      ...interpreterVariants('cpython', '/usr/bin/python3'),
      ...interpreterVariants('pypy', '/usr/bin/pypy3'),
      '--blocks',
      '8',
      '--seed',
      '7',
    ],
    tiny: [
      '--workloads',
      'cpu',
      ...interpreterVariants('pypy', '/usr/bin/pypy3'),
      '--quick',
      '--anyway',
      '--seed',
      '7',
    ],
    whole: false,
  },
  {
    name: 'front',
    command: 'compare',
    words: [
      '--quick',
      '--models',
      'gunicorn-sync,nginx-gunicorn,uwsgi,nginx-uwsgi',
      '--workloads',
      'site',
      '--seed',
      '7',
    ],
    tiny: ['--quick', '--models', 'gunicorn-sync,nginx-gunicorn', '--workloads', 'site', '--anyway', '--seed', '7'],
    whole: false,
  },
  // On a machine with enough cores for the generator to have some of its own.
  {
    name: 'compare-16-cores',
    command: 'compare',
    words: ['--models', 'single,cluster,worker-pool', '--workloads', 'cpu', '--blocks', '8', '--seed', '7'],
    tiny: null,
    whole: false,
    elsewhere: true,
  },
  {
    name: 'scale-16-cores',
    command: 'scale',
    words: ['cluster', '--workers', '1,2,4,8,12,16', '--budget', '1m40s', '--seed', '7'],
    tiny: null,
    whole: true,
    elsewhere: true,
  },
]

/** Files that are kept of a run that is not kept whole; raw trials and histograms are too large for a repository. */
const KEPT = ['report.html', 'report.md', 'cells.csv', 'result.json']

/** Pictures: the upper part of a page as a reader first sees it. */
const PICTURE = { width: 1280, height: 1000 }

// The command that runs is interrupted too and ends with 130: then what is below clears up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)

const scratch = mkdtempSync(join(tmpdir(), 'forkwise-sample-'))
try {
  mkdirSync(target, { recursive: true })
  const chosen = RUNS.filter(({ name }) => only === undefined || only.split(',').includes(name))
  if (from !== undefined && chosen.length !== 1) throw new Error('Expected `--from` with `--only` and one run.')
  for (const run of chosen) (from !== undefined ? adopt : renderOnly ? render : record)(run)
  writeFileSync(join(target, 'README.md'), samplePage())
  await takePictures()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Two processes of one thread, and one process of four threads, on one interpreter. */
function interpreterVariants(name, python) {
  return [
    ['--variant', `name=${name}-processes,model=gunicorn-sync,workers=2,python=${python}`],
    ['--variant', `name=${name}-threads,model=gunicorn-gthread,workers=1,python=${python}`],
  ].flat()
}

function record({ name, command, words, tiny: tinyWords, whole, elsewhere }) {
  if (elsewhere) return skip(name, 'it was measured on a machine with more cores (`--from DIR` takes it from a folder)')
  if (!existsSync(join(root, 'dist', 'cli', 'commands', `${command}.js`))) return skip(name, 'there is no such command')
  const own = tiny ? tinyWords : words
  if (own === null) return skip(name, 'not part of a try')
  const out = join('results', name)
  const made = join(scratch, out)
  process.stderr.write(`\n${name}: forkwise ${[command, ...own].join(' ')}\n`)
  const stdout = forkwise([command, ...own, '--out', out])
  keepRun({ name, whole }, made, stdout)
}

/** Takes a run from a folder that was measured elsewhere, and makes its reports here. */
function adopt({ name, whole }) {
  const made = resolve(from)
  keepRun({ name, whole }, made, forkwise(['report', made, '--write']))
}

function keepRun({ name, whole }, made, stdout) {
  const folder = join(target, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const file of whole ? filesIn(made) : KEPT.filter((each) => existsSync(join(made, each)))) {
    keep(name, file, readFileSync(join(made, file)), made)
  }
  keep(name, 'terminal.txt', stdout, made)
}

/** Makes the reports of a run again from the folder that is kept; the way it reads on a terminal with them. */
function render({ name, whole }) {
  const folder = join(target, name)
  if (!whole || !existsSync(folder)) return skip(name, 'it is not kept whole')
  keep(name, 'terminal.txt', forkwise(['report', folder, '--write']), folder)
  for (const file of ['report.html', 'report.md']) keep(name, file, readFileSync(join(folder, file)), folder)
}

function forkwise(words) {
  const done = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '110' },
    cwd: scratch,
  })
  // 5 is an answer too: a threshold was missed.
  if (done.status === 0 || done.status === 5) return done.stdout
  throw new Error(`Expected forkwise ${words[0]} to end with 0 or 5, got ${done.status ?? done.signal}.`)
}

/** Keeps a file of a run. Texts do not say where it was made, which is not there any more; records never do, since the folder was named from there. */
function keep(name, file, content, madeIn) {
  const path = join(target, name, file)
  mkdirSync(dirname(path), { recursive: true })
  const bytes = Buffer.from(content)
  const text = bytes.toString('utf8')
  // What is no text, as the compressed series, is kept byte for byte.
  writeFileSync(path, Buffer.from(text).equals(bytes) ? text.replaceAll(madeIn, `results/${name}`) : bytes)
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true }).filter((file) => statSync(join(folder, file)).isFile())
}

/** The page of all runs that are there. */
function samplePage() {
  const sections = RUNS.filter(({ name }) => existsSync(join(target, name, 'report.md'))).map(
    ({ name, command, words }) => {
      const files = readdirSync(join(target, name)).filter((file) =>
        /^(report\.(md|html)|terminal\.txt|.*\.json|.*\.csv)$/.test(file),
      )
      const result = files.includes('result.json')
        ? JSON.parse(readFileSync(join(target, name, 'result.json'), 'utf8'))
        : {}
      const { summary = [], machine } = result
      return [
        `## ${['forkwise', command, ...words].join(' ')}`,
        ...(machine === undefined ? [] : [`On ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}.`]),
        ...(summary.length === 0 ? [] : [summary.map((sentence) => `- ${sentence}`).join('\n')]),
        `Kept: ${files.map((file) => `[${file}](${name}/${file})`).join(', ')}.`,
        `![The report of ${name}](${name}/report-light.png)`,
      ].join('\n\n')
    },
  )
  return `${[
    '# Recorded runs',
    '<!-- Written by `npm run docs:sample` from the results beside it. Do not edit. -->',
    'What Forkwise found, in its own words. `npm run docs:sample` makes all of it again, on a quiet machine; what other programs did meanwhile stands in each report.',
    'Folders that hold a manifest or measurements are whole and can be worked with, in a clone:',
    [
      '```sh',
      'npx forkwise report docs/sample/resilience   # the result again; nothing in the folder is changed',
      "npx forkwise plan --from docs/sample/plan --rate 400 --slo 'p99<150ms' --no-confirm",
      'npx forkwise observe docs/sample/resilience  # its series in a Prometheus, where it is installed',
      '```',
    ].join('\n'),
    'Of the others, raw trials and histograms are too large to be kept here; `report.html` holds the figures of every plot as tables, too.',
    ...sections,
  ].join('\n\n')}\n`
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
    for (const { name } of only === undefined ? RUNS : RUNS.filter((run) => only.split(',').includes(run.name))) {
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
