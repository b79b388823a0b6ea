import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type LiveServer, serveLive } from '../../live/server.ts'
import { openWatchedFolder } from '../../live/watched-folder.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { accessibilityProblems, launchChromium } from '../browser.ts'
import { describeWith } from '../parts.ts'
import { recordedTimeline } from '../recorded-timeline.ts'
import { expectGolden } from '../report/golden.ts'

const VIEWS = (['light', 'dark'] as const).flatMap((scheme) => [1280, 400].map((width) => ({ scheme, width })))

/** Seconds into the run: nothing yet, one blocked, one stopped, one killed, the generator late. */
const MOMENTS_S = [5, 12, 18, 26, 31]

describeWith(['chromium'], 'a recorded run in a real browser', () => {
  let dir: string
  let server: LiveServer
  let browser: Browser

  beforeAll(async () => {
    dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
    new TimelineWriter(dir).append(recordedTimeline())
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

  test('every moment has its picture, the same in every tab and after a reload', async () => {
    const [one, two] = [await open(), await open()]
    const texts: string[] = []
    for (const moment of [...MOMENTS_S, null]) {
      await show(one.page, moment)
      await show(two.page, moment)
      const picture = await pictureOf(one.page)
      expect(await pictureOf(two.page)).toEqual(picture)
      texts.push(`── ${moment === null ? 'the end' : `${moment} s`}\n${picture.text}\n`)
    }
    expectGolden('live/replay.txt', texts.join('\n'))
    const before = await pictureOf(one.page)
    await one.page.reload()
    await shown(one.page)
    expect(await pictureOf(one.page)).toEqual(before)
    await Promise.all([one.close(), two.close()])
  })

  test.each(['16', '60', '300'])('played at %s× it ends with the picture that it has at the end', async (speed) => {
    const { page, trouble, close } = await open()
    const end = await pictureOf(page)
    await page.locator('#speed').selectOption(speed)
    await page.evaluate(`new Promise((done) => {
      let played = false
      new MutationObserver(() => {
        const { playing, past } = document.body.dataset
        played ||= playing === 'true' && past === 'true'
        if (played && playing === 'false') done()
      }).observe(document.body, { attributes: true })
      document.querySelector('#play').click()
    })`)
    expect(await page.evaluate('document.body.dataset.past')).toBe('false')
    expect(await pictureOf(page)).toEqual(end)
    expect(trouble).toEqual([])
    await close()
  })

  test('it can be paused, and goes on from there', async () => {
    const { page, close } = await open()
    await page.locator('#speed').selectOption('4')
    await page.locator('#play').click()
    await vi.waitUntil(async () => Number(await page.locator('#moment').inputValue()) >= 2, { timeout: 20_000 })
    await page.locator('#play').click()
    const paused = await pictureOf(page)
    await page.waitForTimeout(300)
    expect(await pictureOf(page)).toEqual(paused)
    await page.locator('#play').click()
    const at = Number(await page.locator('#moment').inputValue())
    await vi.waitUntil(async () => Number(await page.locator('#moment').inputValue()) > at, { timeout: 20_000 })
    await close()
  })

  test.each(VIEWS)('$scheme, $width wide: silent, accessible, within its width, nothing from outside', async (view) => {
    const { page, trouble, close } = await open(view)
    await show(page, 12)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width)
    expect(trouble).toEqual([])
    await close()
    const bypassed = await open(view, true)
    await show(bypassed.page, 26)
    expect(await accessibilityProblems(bypassed.page)).toEqual([])
    await bypassed.close()
  })

  async function open(
    { scheme = 'light', width = 1280 }: { scheme?: 'light' | 'dark'; width?: number } = {},
    bypassCSP: boolean = false,
  ): Promise<{ page: Page; trouble: string[]; close: () => Promise<void> }> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, bypassCSP })
    const page = await context.newPage()
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(`console ${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(server.address).origin) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(server.address)
    await shown(page)
    return { page, trouble, close: () => context.close() }
  }
})

/** Waits until the whole run is there. */
async function shown(page: Page): Promise<void> {
  await page.locator('#status[data-is="over"]').waitFor()
  await page.locator('#seconds[data-count="40"]').waitFor({ state: 'attached' })
}

/** Chooses a moment, in seconds since the start; null for the end. */
async function show(page: Page, second: number | null): Promise<void> {
  await page.evaluate(
    `{ const slider = document.querySelector('#moment'); slider.value = ${second ?? 'slider.max'}; slider.dispatchEvent(new Event('input')) }`,
  )
  await page.locator(`body[data-past="${second !== null}"]`).waitFor()
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
}

/** What a page shows: its words, and what was drawn. */
async function pictureOf(page: Page): Promise<{ readonly text: string; readonly drawn: readonly string[] }> {
  const text = await page.evaluate<string>(`{
    const words = (selector) => [...document.querySelectorAll(selector)].map((node) =>
      node.textContent.replaceAll(/\\s+/g, ' ').trim()).join('\\n')
    const lanes = [...document.querySelectorAll('#lanes > li')].map((lane) => [
      lane.dataset.state, ...[...lane.querySelectorAll('.spinner, .head > *, dd')].map((node) => node.textContent)].join(' | '))
    ;[words('#title'), words('#kicker'), words('#status'),
      [...document.querySelectorAll('#figures > div')].map((box) => [...box.children].map((each) => each.textContent).join(' ')).join(', '),
      document.querySelector('#doubt').hidden ? '' : words('#doubt'), words('#moment-text'),
      document.querySelector('#heat').getAttribute('aria-label'), ...lanes, words('#marks > li')].join('\\n')
  }`)
  const drawn = await page.evaluate<string[]>(
    `[document.querySelector('#heat').toDataURL(), ...[...document.querySelectorAll('#lanes svg')].map((strip) => strip.innerHTML)]`,
  )
  return { text, drawn }
}
