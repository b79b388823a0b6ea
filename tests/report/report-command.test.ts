import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { performIn } from '../cli/command-in-process.ts'
import type { Ended } from '../cli/forkwise-process.ts'
import { fixtureRun, writeFixtureRun } from './fixture-run.ts'

// `forkwise report` on folders that are whole, damaged or not ours; report-command.real.test.ts starts the program.

const base = mkdtempSync(join(tmpdir(), 'fwt-report-'))
const whole = join(base, 'whole')
const dir = join(base, 'run')

beforeAll(async () => {
  await writeFixtureRun(
    fixtureRun(7, { models: ['single', 'cluster'], workloads: ['cpu', 'mixed'], samples: 200 }),
    whole,
  )
})

beforeEach(() => {
  rmSync(dir, { recursive: true, force: true })
  cpSync(whole, dir, { recursive: true })
})

afterAll(() => rmSync(base, { recursive: true, force: true }))

const report = (...words: string[]): Promise<Pick<Ended, 'code' | 'stdout' | 'stderr'>> =>
  performIn(base, ['report', ...words])

describe('a whole folder', () => {
  test('every report is written, and the text is printed', async () => {
    const { code, stdout } = await report(dir)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Verdict\n• For CPU-bound work/)
    for (const name of ['report.html', 'report.md', 'cells.csv', 'result.json']) {
      expect(existsSync(join(dir, name)), name).toBe(true)
    }
  })

  test('reports that are there stay as they are; --write makes them again', async () => {
    writeFileSync(join(dir, 'report.md'), 'mine')
    expect((await report(dir)).code).toBe(0)
    expect(readFileSync(join(dir, 'report.md'), 'utf8')).toBe('mine')
    expect(existsSync(join(dir, 'report.html'))).toBe(true)
    expect((await report(dir, '--write')).code).toBe(0)
    expect(readFileSync(join(dir, 'report.md'), 'utf8')).toContain('# single and cluster compared')
  })

  test('a folder in the place of a report is named in plain words', async () => {
    mkdirSync(join(dir, 'report.html'))
    const { code, stderr } = await report(dir, '--write')
    expect(code).toBe(3)
    expect(stderr).toContain(`${join(dir, 'report.html')} is a folder`)
    expect(stderr).not.toContain('EISDIR')
  })

  test.each([
    ['md', '# single and cluster compared'],
    ['csv', 'run,kind,workload,model'],
    ['hdr', '#[Forkwise latencies'],
    ['openmetrics', '# TYPE forkwise_throughput_rps gauge'],
    ['html', '<!doctype html>'],
  ])('--format %s goes to stdout and nothing is written', async (format, start) => {
    const { code, stdout } = await report(dir, '--format', format)
    expect(code).toBe(0)
    expect(stdout.startsWith(start)).toBe(true)
    expect(existsSync(join(dir, 'report.html'))).toBe(false)
  })

  test('the same folder twice: nothing is called better or worse', async () => {
    const { code, stdout } = await report(dir, whole)
    expect(code).toBe(0)
    expect(stdout).toContain('nothing is called better or worse')
    const json = JSON.parse((await report(dir, whole, '--json')).stdout) as { schema: string; pairs: unknown[] }
    expect(json).toMatchObject({ schema: 'forkwise/runs@1', pairs: [{ comparable: true }] })
  })
})

describe('thresholds', () => {
  test.each([
    ['met', ['cluster/cpu throughput >= 1.5x single'], 0, 'passed: cluster/cpu'],
    ['missed', ['cluster/cpu throughput >= 3x single'], 5, 'failed: cluster/cpu'],
    ['undecided, which fails', ['cluster/cpu throughput >= 1.83x single'], 5, 'undecided: cluster/cpu'],
    ['undecided, which only warns', ['cluster/cpu throughput >= 1.83x single', '--undecided', 'warn'], 0, 'undecided:'],
  ])('%s', async (_, [assertion = '', ...rest], exitCode, shown) => {
    const { code, stdout } = await report(dir, '--assert', assertion, ...rest)
    expect(stdout).toContain(shown)
    expect(code).toBe(exitCode)
  })

  test('a JUnit file, and the outcomes beside the result in JSON', async () => {
    const junit = join(base, 'junit.xml')
    const { stdout } = await report(dir, '--json', '--assert', 'cluster/cpu errors <= 0', '--junit', junit)
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'forkwise/result@2', assertions: [{ outcome: 'passed' }] })
    expect(readFileSync(junit, 'utf8')).toContain('tests="1" failures="0"')
  })

  test.each([
    ['cannot be parsed', ['--assert', 'cluster/cpu throughput => 2'], /\n {25}\^/],
    ['a JUnit file without a threshold', ['--junit', 'x.xml'], /together with `--assert`/],
    ['a JUnit file that is a folder', ['--assert', 'a/b errors < 1', '--junit', '.'], /`--junit`.*it is a folder/],
    ['a JUnit file in no folder', ['--assert', 'a/b errors < 1', '--junit', 'no/where.xml'], /`--junit`/],
    ['an unknown format', ['--format', 'pdf'], /md, html, csv, hdr, openmetrics/],
    ['writing what goes to stdout', ['--write', '--format', 'md'], /`--write` with one folder/],
    ['two formats at once', ['--format', 'md', '--json'], /at most one of/],
  ])('%s: exit code 2, nothing written', async (_, words, message) => {
    const { code, stderr } = await report(dir, ...words)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(existsSync(join(dir, 'report.html'))).toBe(false)
  })
})

describe('two runs as a gate: the second one against bounds of the first', () => {
  const gate = (assertion: string, ...rest: string[]): ReturnType<typeof report> =>
    report(whole, dir, '--assert', assertion, ...rest)

  test.each([
    ['met', '*/cpu throughput >= 0.5x first run', 0, 'passed: single/cpu throughput >= 0.5x first run.'],
    ['missed', 'cluster/cpu throughput >= 1.5x first run', 5, 'failed: cluster/cpu'],
    ['undecided', 'cluster/cpu throughput >= 1x first run', 5, 'undecided: cluster/cpu'],
    ['an absolute bound holds for the second run', 'cluster/cpu throughput >= 1/s', 0, 'passed: cluster/cpu'],
    ['errors of 0 are not more than 0', '*/* errors <= 1x first run', 0, 'passed: cluster/mixed errors'],
    ['a model that neither has', 'pm2-fork/cpu p50 <= 1x first run', 5, 'This result has no pm2-fork under cpu.'],
  ])('%s', async (_, assertion, exitCode, shown) => {
    const { code, stdout } = await gate(assertion)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(shown)
    expect(stdout).toMatch(/^run against whole/)
    expect(code).toBe(exitCode)
  })

  test('undecided only warns where that is asked', async () => {
    expect((await gate('cluster/cpu throughput >= 1x first run', '--undecided', 'warn')).code).toBe(0)
  })

  test('a JUnit file has a suite for each later run; JSON has the outcomes', async () => {
    const junit = join(base, 'pairs.xml')
    const assertion = 'cluster/cpu throughput >= 0.5x first run'
    const { code, stdout } = await report(whole, dir, dir, '--json', '--assert', assertion, '--junit', junit)
    expect(code).toBe(0)
    const passed = [{ outcome: 'passed', text: assertion }]
    expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ assertions: passed }, { assertions: passed }] })
    const xml = readFileSync(junit, 'utf8')
    expect(xml).toContain('<testsuites name="forkwise" tests="2" failures="0"')
    expect(xml.match(/<testsuite name="[^"]*run against whole"/g)).toHaveLength(2)
  })

  test('runs that cannot be compared decide nothing: exit code 2, and JUnit says why', async () => {
    replaceIn('manifest.json', '3f1c0a9be2d4', '000000000000')
    const junit = join(base, 'apart.xml')
    const { code, stdout } = await gate('*/* throughput >= 0.5x first run', '--junit', junit)
    expect(code).toBe(2)
    expect(stdout).toContain('undecided')
    expect(readFileSync(junit, 'utf8')).toMatch(/<failure type="undecided" message="The runs cannot be compared: /)
  })

  test.each([
    ['with one folder', [() => dir], 'Two runs are needed'],
    ['with a format that has no outcomes', [() => dir, () => whole, () => '--format', () => 'csv'], '--format csv'],
  ])('%s it is refused', async (_, words, message) => {
    const { code, stderr } = await report(...words.map((word) => word()), '--assert', 'a/b p50 < 2x first run')
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('folders that cannot be reported: exit code 2 and a reason', () => {
  test.each([
    ['is missing', () => rmSync(dir, { recursive: true }), /does not exist/],
    ['is empty', () => emptied(dir), /manifest\.json/],
    ['has no trial yet', () => writeFileSync(join(dir, 'trials.ndjson'), ''), /finished trials/],
    ['is of a newer version', () => replaceIn('manifest.json', 'manifest@2', 'manifest@9'), /another version/],
    ['is of another tool', () => writeFileSync(join(dir, 'manifest.json'), '{"name": "x"}'), /got no schema/],
    ['holds a broken manifest', () => writeFileSync(join(dir, 'manifest.json'), '{"schema": '), /damaged/],
    ['is broken in the middle', () => replaceIn('trials.ndjson', '"schema":"forkwise/trial@2"', '"schema:'), /line 1/],
    [
      'has a broken histogram',
      () => writeFileSync(firstHistogram(), '{"latency": {"histogram": "nonsense"'),
      /damaged/,
    ],
  ])('one that %s', async (_, damage, message) => {
    damage()
    const { code, stderr } = await report(dir)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })

  test('a torn last line is left out, and the rest is reported', async () => {
    appendFileSync(join(dir, 'trials.ndjson'), '{"schema":"forkwise/tri')
    expect((await report(dir)).code).toBe(0)
  })

  test('two runs of different machines', async () => {
    const manifest = join(dir, 'manifest.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('3f1c0a9be2d4', '000000000000'))
    const { code, stdout } = await report(dir, whole)
    expect(stdout).toContain('cannot be compared')
    expect(code).toBe(2)
  })
})

function emptied(folder: string): void {
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
}

function replaceIn(name: string, from: string, to: string): void {
  const path = join(dir, name)
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
}

function firstHistogram(): string {
  return join(dir, 'histograms', 'b01-cluster-cpu.json')
}
