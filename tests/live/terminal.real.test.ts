import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { makePlace, type Place } from '../cli/forkwise-process.ts'
import { describeWith } from '../parts.ts'
import { recordedTimeline } from '../recorded-timeline.ts'
import { expectGolden } from '../report/golden.ts'

describeWith(['tmux'], 'a recorded run in a real terminal', () => {
  const socket = `forkwise-${process.pid}`
  let place: Place

  beforeAll(() => {
    place = makePlace()
    new TimelineWriter(place.dir).append(recordedTimeline())
  })

  afterAll(() => {
    tmux('kill-server')
    place.remove()
  })

  test.each([60, 100, 160])('%i columns, without colour: the picture at the end', async (columns) => {
    const text = await shownIn(columns, 44, 'NO_COLOR=1')
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/\u001B\[[\d;]*m/)
    expectGolden(`live/terminal-${columns}.txt`, `${text.split('\ndone')[0]}\n`)
  })

  test('with colour, and in a low terminal: the same words, in looks, and no line beyond the last', async () => {
    const text = await shownIn(100, 24, 'env -u NO_COLOR FORCE_COLOR=1')
    // oxlint-disable-next-line no-control-regex
    expect(text).toMatch(/\u001B\[/)
    expect(text).toContain('worker-2')
  })

  test('Ctrl-C in the middle leaves the picture and the prompt below it', async () => {
    const session = start(80, 30, 'NO_COLOR=1', '--speed 0.1')
    await vi.waitUntil(() => capture(session).includes('Units'), { timeout: 30_000 })
    tmux('send-keys', '-t', session, 'C-c')
    await vi.waitUntil(() => capture(session).includes('done 0'), { timeout: 30_000 })
    expect(capture(session)).toContain('Units')
  })

  /** Shows the run in a terminal of its own to its end; gives what stands there then. */
  async function shownIn(columns: number, rows: number, environment: string): Promise<string> {
    const session = start(columns, rows, environment, '--speed 200')
    await vi.waitUntil(() => capture(session).includes('done 0'), { timeout: 60_000 })
    return capture(session)
  }

  function start(columns: number, rows: number, environment: string, more: string): string {
    const session = `s${columns}-${rows}-${environment.length}`
    const program = join(PACKAGE_ROOT, 'dist/cli/main.js')
    const line = `trap : INT; ${environment} '${process.execPath}' '${program}' watch '${place.dir}' --text ${more}; echo done $?; sleep 60`
    tmux('new-session', '-d', '-s', session, '-x', String(columns), '-y', String(rows), line)
    return session
  }

  function capture(session: string): string {
    return tmux('capture-pane', '-p', '-e', '-t', session)
  }

  function tmux(...words: string[]): string {
    return spawnSync('tmux', ['-u', '-L', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' }).stdout
  }
})
