import { once } from 'node:events'
import net from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { LoadRecord } from '../../core/load.ts'
import { figureText, rateFigure } from '../../report/figures.ts'
import { msText } from '../../report/timeline-texts.ts'
import { accessibilityProblems, launchChromium } from '../browser.ts'
import { makePlace, type Place, type Started } from '../cli/forkwise-process.ts'
import { describeWith } from '../parts.ts'
import { blocksIn, isSame, movesIn, picturesOf, watchLanes } from './lane-pictures.ts'

/** A prime whose test takes one to two seconds. */
const LONGEST_PRIME = '9999999999999937'

const VIEWS = (['light', 'dark'] as const).flatMap((scheme) => [1280, 400].map((width) => ({ scheme, width })))

/** How long a spinner may still move after the last turn of its loop, by what the unit itself tells, in seconds. */
const MOST_S = 0.3

interface LaneText {
  readonly unit: string
  readonly pid: string
  readonly state: string
  readonly spinner: string
}

describeWith(['chromium'], 'the live page in a real browser', () => {
  let place: Place
  let browser: Browser
  let serving: Started
  let address = ''
  let target = ''

  beforeAll(async () => {
    place = makePlace()
    browser = await launchChromium()
    serving = place.start(['serve', 'cluster', '--workers', '2', '--port', '0', '--live'])
    ;[address, target] = await Promise.all([printed(serving, /live page: (\S+)/), printed(serving, /ready (\S+)/)])
  })

  afterAll(async () => {
    serving.child.kill('SIGINT')
    const { code } = await serving.ended
    await browser.close()
    const left = place.processes()
    place.remove()
    expect([code, left]).toEqual([0, []])
  })

  test.each(VIEWS)(
    '$scheme, $width wide: silent, accessible, within its width, and nothing from outside',
    async (view) => {
      const { page, trouble, close } = await open(address, view)
      await lanesWhere(page, (lanes) => lanes.filter(({ state }) => state === 'alive').length === 2)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width)
      expect(trouble).toEqual([])
      await close()
      const bypassed = await open(address, view, true)
      await lanesWhere(bypassed.page, (lanes) => lanes.length === 3)
      expect(await accessibilityProblems(bypassed.page)).toEqual([])
      await bypassed.close()
    },
  )

  test(`a loop that is blocked freezes its own spinner within ${1000 * MOST_S} ms, and no other, in every tab`, async () => {
    const tabs = [await open(address), await open(address)]
    for (const { page } of tabs) {
      await lanesWhere(page, (lanes) => lanes.filter(({ state }) => state === 'alive').length === 2)
      await watchLanes(page)
    }
    // Until every tab has drawn a block while it lasted, and the other spinner move meanwhile, however busy the machine is.
    const both = await vi.waitUntil(
      async () => {
        await block()
        const [first = [], second = []] = await Promise.all(
          tabs.map(async ({ page }) => blocksIn(await picturesOf(page))),
        )
        const pairs = first.flatMap((one) => second.filter((two) => isSame(one, two)).map((two) => [one, two]))
        return pairs.find((pair) => pair.every(({ others }) => new Set(others.map(({ spinner }) => spinner)).size > 1))
      },
      { timeout: 100_000, interval: 100 },
    )
    for (const { pictures, fromS, toS } of both) {
      expect(new Set(pictures.map(({ spinner }) => spinner)).size).toBe(1)
      for (const { toldS } of pictures) expect(toldS > fromS + MOST_S && toldS < toS, `moved at ${toldS}`).toBe(false)
    }
    for (const { page, close } of tabs) {
      const moves = movesIn(await picturesOf(page))
      expect(moves.filter(({ from, to }) => from.toldS === to.toldS)).toEqual([])
      await close()
    }
  })

  test('SIGSTOP greys a lane, SIGKILL ends it, and a restart begins a new one; events tell of both; a reload shows the same', async () => {
    const { page, close } = await open(address)
    const lanes = await lanesWhere(page, (seen) => seen.filter(({ state }) => state === 'alive').length === 2)
    const victim = lanes.find(({ unit }) => unit === 'worker-1')
    process.kill(Number(victim?.pid), 'SIGSTOP')
    await lanesWhere(page, (seen) => seen.some(({ pid, state }) => pid === victim?.pid && state === 'stopped'))
    process.kill(Number(victim?.pid), 'SIGKILL')
    const restarted = (seen: readonly LaneText[]): boolean =>
      seen.some(({ pid, state }) => pid === victim?.pid && state === 'gone') &&
      seen.some(({ unit, pid, state }) => unit === 'worker-1' && pid !== victim?.pid && state === 'alive')
    const before = await lanesWhere(page, restarted)
    const events = (): Promise<string[]> =>
      page.evaluate<string[]>(`[...document.querySelectorAll('#marks span')].map((mark) => mark.textContent)`)
    const ofBoth = async (): Promise<string[]> =>
      (await events()).filter((text) => / (is gone|replaces pid \d+)$/.test(text) && text.includes(String(victim?.pid)))
    const told = await ofBoth()
    expect(told).toEqual([
      expect.stringMatching(new RegExp(`^worker-1 \\(pid \\d+\\) replaces pid ${victim?.pid}$`)),
      `worker-1 (pid ${victim?.pid}) is gone`,
    ])
    await page.reload()
    const after = await lanesWhere(page, restarted)
    expect(await ofBoth()).toEqual(told)
    const places = (seen: readonly LaneText[]): string[] =>
      seen.map(({ unit, pid, state }) => `${unit} ${pid} ${state}`)
    expect(places(after)).toEqual(places(before))
    await close()
  })

  test('a load: a reload in the middle loses no second, and its figures are those of the record', async () => {
    const words = ['load', `${target}io/sleep?ms=5`, '--rate', '60', '-d', '10s', '--seed', '7', '--live', '--json']
    const loading = place.start(words)
    const { page, trouble, close } = await open(await printed(loading, /live page: (\S+)/))
    const countOf = (): Promise<number> =>
      page.evaluate<number>(`Number(document.querySelector('#seconds').dataset.count)`)
    await vi.waitUntil(async () => (await countOf()) >= 2, { timeout: 30_000 })
    await page.reload()
    const { code, stdout, stderr } = await loading.ended
    expect(code, stderr).toBe(0)
    await page.locator('#status[data-is="over"]').waitFor()
    const { seconds } = JSON.parse(stdout) as LoadRecord
    const rows = await page.evaluate<string[][]>(
      `[...document.querySelectorAll('#seconds tr')].slice(1).map((row) => [row.dataset.elapsed, ...[...row.cells].map((cell) => cell.textContent)])`,
    )
    const head = await page.evaluate<string[]>(
      `[...document.querySelectorAll('#seconds th')].map((cell) => cell.textContent)`,
    )
    const places = ['Answered', 'Failed', 'p50', 'p99'].map((name) => head.indexOf(name))
    const shown = rows.toReversed().map(([second, ...cells]) => [second, ...places.map((place) => cells[place])])
    const perS = (count: number): string => figureText(rateFigure(count))
    const known = seconds.map(({ atS, ok, failed, p50Ms, p99Ms }) => [
      String(atS + 1),
      perS(ok),
      perS(failed),
      msText(p50Ms),
      msText(p99Ms),
    ])
    expect(shown.length).toBeGreaterThanOrEqual(6)
    expect(shown).toEqual(known.slice(0, shown.length))
    expect(trouble.filter((text) => !text.includes('ERR_'))).toEqual([])
    await close()
  })

  test('going back in time shows the seconds until then, with the keyboard, and forth again', async () => {
    const { page, close } = await open(address)
    await lanesWhere(page, (lanes) => lanes.length >= 3)
    await page.locator('#moment').focus()
    await page.keyboard.press('Home')
    await page.locator('#follow').waitFor({ state: 'visible' })
    expect(await page.locator('#moment-text').textContent()).toMatch(/^0:00 of /)
    await page.locator('#follow').click()
    await lanesWhere(page, (lanes) => lanes.length >= 3)
    await close()
  })

  async function open(
    url: string,
    { scheme = 'light', width = 1280 }: { scheme?: 'light' | 'dark'; width?: number } = {},
    bypassCSP: boolean = false,
  ): Promise<{ page: Page; trouble: string[]; close: () => Promise<void> }> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, bypassCSP })
    const page = await context.newPage()
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(`console ${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(url).origin) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    expect(page.url()).not.toContain('token')
    return { page, trouble, close: () => context.close() }
  }

  /** One client sends three requests at once that compute: one loop meets all of them in one turn, of three seconds or more. */
  async function block(): Promise<void> {
    const { host, hostname, port } = new URL(target)
    const socket = net.connect(Number(port), hostname)
    const request = (more: string): string =>
      `GET /cpu/prime?n=${LONGEST_PRIME} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`
    socket.resume().end(`${request('')}${request('')}${request('Connection: close\r\n')}`)
    await once(socket, 'close')
  }
})

async function printed(started: Started, pattern: RegExp): Promise<string> {
  let text = ''
  for (const stream of [started.child.stdout, started.child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  }
  return vi.waitUntil(() => pattern.exec(text)?.[1], { timeout: 60_000 })
}

function lanesOf(page: Page): Promise<readonly LaneText[]> {
  return page.evaluate<LaneText[]>(
    `[...document.querySelectorAll('#lanes > li')].map((lane) => ({ ...lane.dataset, spinner: lane.querySelector('.spinner').textContent }))`,
  )
}

async function lanesWhere(page: Page, holds: (lanes: readonly LaneText[]) => boolean): Promise<readonly LaneText[]> {
  let lanes: readonly LaneText[] = []
  await vi
    .waitUntil(async () => holds((lanes = await lanesOf(page))), { timeout: 30_000, interval: 20 })
    .catch(() => {
      throw new Error(`The lanes were ${JSON.stringify(lanes)}.`)
    })
  return lanes
}
