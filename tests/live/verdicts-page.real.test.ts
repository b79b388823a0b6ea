import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadTexts } from '../../report/timeline-texts.ts'
import { type LiveServer, serveLive } from '../../live/server.ts'
import { openWatchedFolder } from '../../live/watched-folder.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { accessibilityProblems, launchChromium } from '../browser.ts'
import { describeWith } from '../parts.ts'
import { recordedComparison } from '../recorded-timeline.ts'

const VIEWS = (['light', 'dark'] as const).flatMap((scheme) => [1280, 400].map((width) => ({ scheme, width })))

describeWith(['chromium'], 'a recorded comparison in a real browser', () => {
  let dir: string
  let server: LiveServer
  let browser: Browser

  beforeAll(async () => {
    dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
    new TimelineWriter(dir).append(recordedComparison())
    const folder = openWatchedFolder(dir)
    folder.read()
    server = await serveLive(folder.journal, { port: 0 })
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser.close()
    await server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('verdicts are provisional until the end, with an interval more after each round', async () => {
    const page = await open()
    await show(page, 15)
    expect(await verdictsOf(page)).toEqual({
      title: 'Verdicts so far',
      rows: [
        'cpu: throughput, cluster ÷ single|1.80× (1.20–2.40), 1 block|undecided, provisional|1',
        'cpu: p99 latency, cluster ÷ single|0.60× (0.40–0.80), 1 block|undecided, provisional|1',
      ],
    })
    await show(page, 40)
    expect((await verdictsOf(page)).rows[0]).toBe(
      'cpu: throughput, cluster ÷ single|1.80× (1.70–1.90), 4 blocks|better|3',
    )
    expect(await page.locator('#legend').textContent()).toContain('objective p99<50ms')
    await show(page, 5)
    expect(await page.locator('#verdicts').isHidden()).toBe(true)
    await page.context().close()
  })

  test('a click on a column, and the arrow keys, show the figures of that second', async () => {
    const page = await open()
    const { width } = (await page.locator('#heat').boundingBox()) ?? { width: 0 }
    // Seven pixels a column, the fortieth second at the right edge.
    await page.locator('#heat').click({ position: { x: width - 7 * 10 - 3, y: 60 } })
    await page.locator('#second', { hasText: 'until 0:30' }).waitFor()
    expect(await page.locator('#second').textContent()).toMatch(/^The second until 0:30: .*Sent late, p99 42\.0 ms/)
    await page.keyboard.press('ArrowLeft')
    await page.locator('#second', { hasText: 'until 0:29' }).waitFor()
    const [, shown = ''] =
      /^The second until 0:29: (.*?)\. Latencies /.exec((await page.locator('#second').textContent()) ?? '') ?? []
    const recorded = recordedComparison().find((item) => item.kind === 'load' && item.second.elapsedS === 29)
    const second = recorded?.kind === 'load' ? recorded.second : null
    expect(shown).toBe(
      loadTexts(second)
        .map(([name, text]) => `${name} ${text}`)
        .join(', '),
    )
    await page.keyboard.press('Escape')
    await page.locator('#second').waitFor({ state: 'hidden' })
    await page.context().close()
  })

  test('each of several routes has a heat map of its own', async () => {
    const page = await open()
    const picture = (): Promise<string> => page.evaluate<string>(`document.querySelector('#heat').toDataURL()`)
    const all = await picture()
    await page.locator('#route').selectOption('/cpu')
    await page.locator('#heat').focus()
    await page.keyboard.press('ArrowLeft')
    await page.locator('#second').waitFor()
    expect(await page.locator('#second').textContent()).toMatch(/Latencies of \/cpu ≤ 2\.5 ms: 100 %\.$/)
    expect(await picture()).not.toBe(all)
    await page.keyboard.press('Escape')
    await page.locator('#route').selectOption('all')
    await page.locator('#second').waitFor({ state: 'hidden' })
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    expect(await picture()).toBe(all)
    await page.context().close()
  })

  test.each(VIEWS)('$scheme, $width wide: accessible, and within its width', async (view) => {
    const page = await open(view)
    await page.locator('#heat').focus()
    await page.keyboard.press('ArrowLeft')
    await page.locator('#second').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width)
    expect(await accessibilityProblems(page)).toEqual([])
    await page.context().close()
  })

  async function open({
    scheme = 'light',
    width = 1280,
  }: { scheme?: 'light' | 'dark'; width?: number } = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      bypassCSP: true,
    })
    const page = await context.newPage()
    await page.goto(server.address)
    await page.locator('#status[data-is="over"]').waitFor()
    await page.locator('#seconds[data-count="40"]').waitFor({ state: 'attached' })
    return page
  }

  /** Chooses a moment, in seconds since the start. */
  async function show(page: Page, second: number): Promise<void> {
    await page.evaluate(
      `{ const slider = document.querySelector('#moment'); slider.value = ${second}; slider.dispatchEvent(new Event('input')) }`,
    )
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  }

  function verdictsOf(page: Page): Promise<{ readonly title: string; readonly rows: readonly string[] }> {
    return page.evaluate(`({
      title: document.querySelector('#verdicts-title').textContent,
      rows: [...document.querySelectorAll('#verdict-list > li')].map((row) =>
        [...row.querySelectorAll('strong, span')].map((node) => node.textContent)
          .concat(row.querySelectorAll('.interval').length).join('|')),
    })`)
  }
})
