import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { performIn } from './command-in-process.ts'
import { makePlace, type Place } from './forkwise-process.ts'

// Through all of the command line but the program around it, which bad-usage.real.test.ts starts.

let place: Place

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  expect(place.processes()).toEqual([])
  place.remove()
})

test.each<[string, string[], number, RegExp]>([
  ['no command', [], 2, /^$/],
  ['an unknown command', ['compair'], 2, /got "compair"[^]*Did you mean "compare"/],
  ['an unknown option', ['compare', '--bloks', '3'], 2, /Did you mean `--blocks`/],
  [
    'an unknown claim',
    ['claim', 'reuse-prt'],
    2,
    /Expected a claim, by name or as a file, that exists, got "reuse-prt"[^]*Did you mean "reuse-port"/,
  ],
  ['an unknown model', ['compare', '--models', 'cluser'], 2, /got "cluser"[^]*Did you mean "cluster"[^]*Known: /],
  ['an unknown workload', ['compare', '--workloads', 'cup'], 2, /got "cup"[^]*Did you mean "cpu"/],
  ['no workers', ['compare', '--workers', '0'], 2, /`--workers` to be a whole number from 1 to 128, got 0\./],
  ['too many workers', ['compare', '--workers', '10000'], 2, /got 10000\./],
  ['no blocks', ['compare', '--blocks', '0'], 2, /`--blocks` to be a whole number from 2 to 200, got 0\./],
  [
    'flags that contradict each other',
    ['compare', '--quick', '--blocks', '9'],
    2,
    /at most one of `--quick`, `--budget`, `--blocks`/,
  ],
  [
    'a page beside what runs nothing',
    ['scale', '--from-csv', 'x.csv', '--live'],
    2,
    /`--from-csv` without `--live`: nothing is run, so that there is no page/,
  ],
  ['a page of a list', ['claim', '--live'], 2, /`claim` without `--live`/],
  ['a page of a lever', ['drill', 'do', '--live-port', '0'], 2, /`drill do` without `--live-port`: no drill is begun/],
  ['a page of a class', ['drill', 'class', 'a', '--live'], 2, /`drill class` without `--live`/],
  [
    'a page beside the terminal alone',
    ['watch', '.', '--text', '--live-port', '0'],
    2,
    /`--text` without `--live-port`/,
  ],
  ['a budget without a unit', ['compare', '--budget', '90'], 2, /`--budget` to be a duration with a unit/],
  ['a budget too small for anything', ['compare', '--budget', '5s'], 2, /`--budget` to be at least \d+s/],
  ['a path without an app', ['compare', '--path', '/x'], 2, /`--path` only with `--app`/],
  ['an app without a path', ['compare', '--app', 'package.json'], 2, /`--path` with `--app`/],
  [
    'an app that is not there',
    ['compare', '--app', 'nowhere.js', '--path', '/'],
    2,
    /`--app` to be a file, got "nowhere.js"/,
  ],
  ['a Node that is none', ['compare', '--node', '/bin/false'], 2, /`--node` to be a Node binary/],
  [
    'a Python that is none',
    ['compare', '--python', '/bin/ls'],
    2,
    /Python 3\.9 or newer, got \/bin\/ls: it ended with/,
  ],
  ['a folder as Python', ['serve', 'gunicorn-sync', '--python', '/tmp'], 2, /got \/tmp: it is a folder\./],
  ['a Python that nobody has', ['resilience', '--python', '/nowhere/python'], 2, /there is no such file/],
  [
    'variants with Pythons that are none',
    ['compare', '--variant', 'name=a,model=uvicorn,python=/bin/ls', '--variant', 'name=b,model=rq-reply,python=/tmp'],
    2,
    /got \/bin\/ls: it ended with[^]*got \/tmp: it is a folder/,
  ],
  [
    'another program',
    ['compare', '--node', 'a=/bin/ls', '--node', 'b=/nope'],
    2,
    /"\/bin\/ls": it calls itself "ls [^]*"\/nope"/,
  ],
  [
    'apps without names',
    ['compare', '--app', 'a=x.js', '--app', 'y.js', '--path', '/'],
    2,
    /Expected a name for each of several/,
  ],
  ['a baseline that is not compared', ['compare', '--models', 'single', '--baseline', 'cluster'], 2, /`--baseline`/],
  ['a run to resume that is not there', ['compare', '--resume', 'nowhere'], 2, /which does not exist/],
  ['a resumed run with another plan', ['compare', '--resume', 'x', '--quick'], 2, /`--resume` alone/],
  ['a report of nothing', ['report', '.'], 2, /a results folder with a manifest.json/],
  ['a model to serve that does not exist', ['serve', 'clutser'], 2, /Did you mean "cluster"/],
  ['a port out of range', ['serve', 'single', '--port', '70000'], 2, /`--port` to be a whole number/],
])('%s ends with one clear message, and nothing is started', async (_sentence, words, code, expected) => {
  const ended = await performIn(place.dir, words)
  expect(ended.stderr.trim()).toMatch(expected)
  expect(ended.code).toBe(code)
  expect(ended.stderr).not.toMatch(/\n\s+at /)
  expect(place.stateEntries()).toEqual([])
})

test('a results folder that cannot be written ends the run before it starts anything', async () => {
  writeFileSync(join(place.dir, 'file'), '')
  const below = await performIn(place.dir, ['compare', '--quick', '--anyway', '--out', 'file/run'])
  expect(below.stderr).toContain('to be able to write results')
  expect(below.code).toBe(3)
  mkdirSync(join(place.dir, 'full'))
  writeFileSync(join(place.dir, 'full', 'precious.txt'), '')
  expect((await performIn(place.dir, ['compare', '--quick', '--anyway', '--out', 'full'])).stderr).toContain(
    'a new or empty folder',
  )
  chmodSync(join(place.dir, 'full'), 0o700)
})

test('help is on stdout and ends well', async () => {
  const { stdout, code } = await performIn(place.dir, ['compare', '--help'])
  expect(stdout).toContain('npx forkwise compare --quick')
  expect(code).toBe(0)
})

test.each([
  ['--config', ['serve', 'single', '--config', 'pipe'], /`--config` to be a file, got "pipe", which is a FIFO/],
  ['--app', ['serve', 'single', '--app', 'pipe'], /`--app` to be a file, got "pipe", which is a FIFO/],
  ['--app, named', ['compare', '--app', 'a=pipe', '--app', 'b=pipe', '--path', '/'], /which is a FIFO/],
  ['--body', ['load', 'http://127.0.0.1:9/', '--body', '@pipe'], /"@pipe": a regular file, got a FIFO/],
  ['--requests', ['compare', '--app', 'app.mjs', '--requests', 'pipe'], /a regular file, got a FIFO/],
  ['--from-csv', ['scale', '--from-csv', 'pipe'], /a regular file, got a FIFO/],
  ['a claim', ['claim', './pipe'], /which is a FIFO/],
] as const)('a FIFO in the place of a file is refused, not waited for: %s', async (_, words, message) => {
  expect(spawnSync('mkfifo', [join(place.dir, 'pipe')]).status).toBe(0)
  writeFileSync(join(place.dir, 'app.mjs'), 'export default (request, response) => response.end()')
  const { code, stderr } = await performIn(place.dir, words)
  expect(stderr).toMatch(message)
  expect(code).toBe(2)
})
