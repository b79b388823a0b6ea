import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import type { TimelineItem } from '../../core/timeline.ts'
import { analyseRun } from '../../experiments/comparison/comparison.ts'
import { openWatchedFolder } from '../../live/watched-folder.ts'
import { renderMarkdown } from '../../report/markdown.ts'
import { verdictTexts } from '../../report/verdict-texts.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { loadFigures } from '../timeline-items.ts'
import { writeFinishedComparison } from './finished-comparison.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

function refused(message: RegExp): void {
  expect(() => openWatchedFolder(dir)).toThrow(expect.objectContaining({ code: 'RESULT_INVALID' }))
  expect(() => openWatchedFolder(dir)).toThrow(message)
}

test('a folder with a timeline is shown by it, whatever made it', () => {
  new TimelineWriter(dir).append([{ kind: 'load', atMs: 1, second: loadFigures(1) }])
  expect(openWatchedFolder(dir).read()).toMatchObject([{ kind: 'load' }])
})

test('a folder that is no run, one of another version, and none at all are reported', () => {
  refused(/Expected the folder of a run, with a manifest\.json or a timeline\.ndjson .*, which has neither/)
  writeFileSync(join(dir, 'manifest.json'), '{"schema":"forkwise/manifest@0"}')
  refused(/to be "forkwise\/manifest@\d", got "forkwise\/manifest@0"/)
  rmSync(dir, { recursive: true })
  refused(/which does not exist/)
})

test('a run of before there were timelines is shown with what its folder holds, and says what is missing', () => {
  const old = join(dir, 'old')
  cpSync(join(PACKAGE_ROOT, 'docs/sample/resilience'), old, { recursive: true })
  rmSync(join(old, 'timeline.ndjson'), { force: true })
  const items = openWatchedFolder(old).read()
  expect(items[0]).toMatchObject({ kind: 'run', experiment: 'resilience' })
  expect(items[1]).toMatchObject({
    kind: 'mark',
    level: 'warning',
    text: expect.stringMatching(/no heartbeats.*`npx forkwise report DIR` has all/),
  })
  expect(items.filter(({ kind }) => kind === 'load').length).toBeGreaterThan(50)
  expect(items.some((item) => item.kind === 'mark' && item.level === 'fault')).toBe(true)
  const texts = items.flatMap((item) => (item.kind === 'mark' ? [item.text] : []))
  expect(texts).toContain('in service: 1 of 2 workers')
  expect(texts.join()).not.toContain('missing:')
  expect(items.at(-1)).toMatchObject({ kind: 'end', text: 'The run is over.' })
  const times = items.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('what ran without a manifest is told by its result', () => {
  const items = openWatchedFolder(join(PACKAGE_ROOT, 'docs/sample/scale')).read()
  expect(items[0]).toMatchObject({ kind: 'run', experiment: 'scale' })
})

test('a plan of before has its measurements, without times', () => {
  const items = openWatchedFolder(join(PACKAGE_ROOT, 'docs/sample/plan')).read()
  expect(items.filter(({ kind }) => kind === 'mark').length).toBeGreaterThan(3)
})

describe('a comparison that is over', () => {
  const begun: TimelineItem = {
    kind: 'run',
    atMs: 1000,
    schema: 'forkwise/timeline@1',
    process: { pid: process.pid, birth: 'another' },
    experiment: 'compare',
    id: 'a',
    expectedS: 9,
    steps: 1,
  }
  const load: TimelineItem = { kind: 'load', atMs: 2000, second: loadFigures(1) }
  const end: TimelineItem = { kind: 'end', atMs: 3000, text: 'The run is over.', failed: false }

  test.each([
    ['whole', [begun, load, end]],
    ['cut off', [begun, load]],
    ['empty', []],
  ] as const)('its timeline %s: the verdicts are those of the report, word by word, and it is over', (_, items) => {
    const run = writeFinishedComparison(dir, items)
    if (items.length === 0) writeFileSync(join(dir, 'timeline.ndjson'), '')
    const folder = openWatchedFolder(dir)
    const shown = folder.read()
    expect(folder.read()).toEqual([])
    expect(shown.filter((item) => item.kind === 'end')).toMatchObject([{ text: 'The run is over.', failed: false }])
    const rounds = shown.filter((item) => item.kind === 'verdicts')
    expect(rounds).toMatchObject([{ final: true }])
    const report = renderMarkdown(analyseRun(run), run.manifest)
    for (const verdict of rounds[0]?.verdicts ?? []) {
      const { ratio, call } = verdictTexts(verdict, true)
      const [figure = '', blocks] = ratio.split(', ')
      expect(report).toContain(
        `| ${[verdict.workload, verdict.metric, verdict.candidate, figure, call].join(' | ')} | `,
      )
      if (verdict.workload === 'cpu') expect([call, blocks]).toEqual(['withheld', 'no block kept'])
    }
    expect(rounds[0]?.verdicts.some(({ workload }) => workload === 'cpu')).toBe(true)
  })

  test('one whose timeline ends before it says so, and one whose timeline is empty what can be done', () => {
    writeFinishedComparison(dir, [begun, load])
    const marks = (): string[] =>
      openWatchedFolder(dir)
        .read()
        .flatMap((item) => (item.kind === 'mark' && item.level === 'warning' ? [item.text] : []))
    expect(marks()).toEqual([expect.stringContaining('ends here, before its run did')])
    writeFileSync(join(dir, 'timeline.ndjson'), '{"kind":"run","at')
    expect(marks()[0]).toMatch(
      /^The timeline of this run is cut off within its first line: .*`npx forkwise report DIR` has/,
    )
    writeFileSync(join(dir, 'timeline.ndjson'), '')
    expect(marks()[0]).toMatch(/^The timeline of this run is empty: /)
  })

  test('final verdicts that the timeline has already are not told twice', () => {
    const [verdicts] = shownVerdicts(writeFinishedComparison(join(dir, 'one'), [begun]).dir)
    if (verdicts === undefined) throw new Error('Expected verdicts.')
    writeFinishedComparison(join(dir, 'two'), [begun, { ...verdicts, atMs: 2500 }, end])
    expect(shownVerdicts(join(dir, 'two'))).toMatchObject([{ atMs: 2500 }])
  })

  test('where no report can be made, it is said why, and what the timeline has is shown', () => {
    writeFinishedComparison(dir, [begun, load, end])
    const path = join(dir, 'trials.ndjson')
    writeFileSync(path, readFileSync(path, 'utf8').replace('valid', 'vilad'))
    const items = openWatchedFolder(dir).read()
    expect(items.filter(({ kind }) => kind === 'load')).toHaveLength(1)
    expect(items.at(-1)).toMatchObject({
      kind: 'mark',
      text: expect.stringMatching(/^No report can be made of this run/),
    })
  })

  function shownVerdicts(folder: string): Extract<TimelineItem, { readonly kind: 'verdicts' }>[] {
    return openWatchedFolder(folder)
      .read()
      .filter((item) => item.kind === 'verdicts')
  }
})
