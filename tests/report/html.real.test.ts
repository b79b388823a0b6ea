import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pixelmatch from 'pixelmatch'
import type { Browser, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { renderCapacityHtml } from '../../report/capacity/html.ts'
import { renderHtml } from '../../report/html/report.ts'
import { accessibilityProblems, BROWSER_LIMIT_MS, launchChromium } from '../browser.ts'
import { describeWith } from '../parts.ts'
import { knownFindings } from './capacity/findings.ts'
import { fixtureRun, recordedRun } from './fixture-run.ts'
import { goldenRun } from './golden.ts'

const GOLDEN = join(PACKAGE_ROOT, 'tests', 'golden', 'report')
const VIEWS = (['light', 'dark'] as const).flatMap((scheme) =>
  [1280, 400].map((width) => ({ scheme, width, name: `${scheme}-${width}` })),
)

/**
 * Pictures are held against golden ones at a fraction of their size. A pixel differs when its colour is off by more than a fifth
 * (pixelmatch's threshold); with the fonts that the golden pictures were made with, 1 % of them may, which lets
 * anti-aliasing through and nothing that one would notice. With other fonts lines break elsewhere and pages have other
 * lengths, so that only the plots are compared, whose marks do not move; their labels may then differ.
 */
const TOLERANCE = { threshold: 0.2, sameFonts: 0.01, otherFonts: 0.12 }

describeWith(['chromium'], 'the report in a real browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forkwise-report-'))
  const file = join(folder, 'report.html')
  let browser: Browser

  beforeAll(async () => {
    writeFileSync(file, renderHtml(goldenRun('full').result, recordedRun(fixtureRun(7))))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const view of VIEWS) {
    test(`${view.name}: silent, accessible, within its width, and as in the golden picture`, async () => {
      const { page, trouble } = await openPage(view)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width)
      expect(await accessibilityProblems(page)).toEqual([])
      await expectPictures(page, view)
      expect(trouble).toEqual([])
      await page.close()
    })
  }

  test.each(['light', 'dark'] as const)('a page of capacity, %s: silent, accessible, within 400 px', async (scheme) => {
    const other = join(folder, 'capacity.html')
    writeFileSync(other, renderCapacityHtml(knownFindings()))
    const { page, trouble } = await openPage({ scheme, width: 400 }, true, other)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400)
    expect(await accessibilityProblems(page)).toEqual([])
    expectPicture(
      `capacity-scaling-${scheme}`,
      reduced(PNG.sync.read(await page.locator('#scaling-known-known-1-plot').screenshot()), 2),
      TOLERANCE.otherFonts,
    )
    expect(trouble).toEqual([])
    await page.close()
  })

  test('a report of one workload uses a wide screen: two sections stand side by side', async () => {
    const other = join(folder, 'one-workload.html')
    const run = fixtureRun(7, { workloads: ['cpu'] })
    writeFileSync(other, renderHtml(run.result, recordedRun(run)))
    const { page } = await openPage({ scheme: 'light', width: 1600 }, true, other)
    const boxes = await Promise.all(['#content', '#verdict', '#throughput'].map((id) => page.locator(id).boundingBox()))
    const [content, verdict, throughput] = boxes.map((box) => box ?? { x: 0, y: 0, width: 0 })
    expect(throughput?.y).toBe(verdict?.y)
    const used = (verdict?.width ?? 0) + (throughput?.width ?? 0)
    expect(used / (content?.width ?? 0)).toBeGreaterThan(0.9)
    expect((await page.locator('#throughput figure').boundingBox())?.width).toBeGreaterThan(500)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1600)
    expect(await accessibilityProblems(page)).toEqual([])
    await page.close()
  })

  test('without JavaScript nothing is missing: plots, tables and figures are all there', async () => {
    const { page, trouble } = await openPage({ scheme: 'light', width: 1280 }, false)
    expect(await page.locator('svg.plot').count()).toBeGreaterThan(14)
    await page.locator('#throughput details.data summary').first().click()
    await expectVisible(page, '#throughput details.data table')
    expect(await page.locator('button').count()).toBe(0)
    expect(trouble).toEqual([])
    await page.close()
  })

  test('the timeline zooms in and back again, with the keyboard', async () => {
    const { page, trouble } = await openPage({ scheme: 'dark', width: 1280 })
    const button = page.locator('#timeline-all button')
    await button.focus()
    await page.keyboard.press('Enter')
    await expectVisible(page, '#timeline-all canvas')
    expect(await page.locator('#timeline-all canvas').count()).toBe(2)
    expect(await page.locator('#timeline-all svg.plot').isVisible()).toBe(false)
    expect(await button.getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('Enter')
    expect(await page.locator('#timeline-all canvas').count()).toBe(0)
    expect(await page.locator('#timeline-all svg.plot').isVisible()).toBe(true)
    expect(trouble).toEqual([])
    await page.close()
  })

  test('the first Tab offers to skip the list of sections, and every section can be reached from it', async () => {
    const { page } = await openPage({ scheme: 'light', width: 400 })
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the report')
    const targets = await page.evaluate<string[]>(
      `[...document.querySelectorAll('nav a')].map((link) => document.querySelector(link.getAttribute('href'))?.tagName)`,
    )
    expect(new Set(targets)).toEqual(new Set(['SECTION']))
    await page.close()
  })

  test('printing opens the tables and leaves out what only works on a screen', async () => {
    const { page } = await openPage({ scheme: 'dark', width: 1280 })
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
    expect(await page.locator('details:not([open])').count()).toBe(0)
    expect(await page.locator('nav').isVisible()).toBe(false)
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(28, 33, 40)')
    await page.close()
  })

  async function openPage(
    view: { scheme: 'light' | 'dark'; width: number },
    javaScriptEnabled: boolean = true,
    shown: string = file,
  ): Promise<{ page: Page; trouble: string[] }> {
    const page = await browser.newPage({
      viewport: { width: view.width, height: 900 },
      colorScheme: view.scheme,
      javaScriptEnabled,
    })
    page.setDefaultTimeout(BROWSER_LIMIT_MS)
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(`console ${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(shown).href) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(pathToFileURL(shown).href)
    return { page, trouble }
  }
})

async function expectVisible(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().waitFor({ state: 'visible' })
}

/** The page (the upper part of a narrow one), and at full width each kind of plot by itself. */
async function expectPictures(page: Page, { name, width }: { name: string; width: number }): Promise<void> {
  const fonts = await page.evaluate<string>(FONT_PROBE)
  const known = join(GOLDEN, 'fonts.txt')
  if (process.env['UPDATE_GOLDEN'] === '1') writeGolden(known, fonts)
  const sameFonts = existsSync(known) && readFileSync(known, 'utf8') === fonts
  if (sameFonts) {
    const height = await page.evaluate<number>('document.documentElement.scrollHeight')
    const clip = { x: 0, y: 0, width, height: width < 1000 ? 3000 : height }
    const picture = PNG.sync.read(await page.screenshot({ fullPage: true, clip }))
    expectPicture(`page-${name}`, reduced(picture, width < 1000 ? 2 : 3), TOLERANCE.sameFonts)
  }
  if (width < 1000) return
  for (const plot of ['throughput-cpu-1', 'latency-cpu-1', 'interference-mixed-1', 'shares-cpu-1', 'timeline-all']) {
    const picture = PNG.sync.read(await page.locator(`#${plot}-plot`).screenshot())
    expectPicture(`${plot}-${name}`, reduced(picture, 2), sameFonts ? TOLERANCE.sameFonts : TOLERANCE.otherFonts)
  }
}

/** Widths of a text in the fonts of the page: they tell whether the golden pictures were made with the same ones. */
const FONT_PROBE = `['system-ui', 'ui-monospace'].map((font) => {
  const context = document.createElement('canvas').getContext('2d')
  context.font = '16px ' + font + ', ' + (font === 'system-ui' ? 'sans-serif' : 'monospace')
  return font + ' ' + context.measureText('The quick brown fox, 0123456789 × µs').width.toFixed(2)
}).join('; ')`

function expectPicture(name: string, picture: PNG, tolerance: number): void {
  const path = join(GOLDEN, `${name}.png`)
  if (process.env['UPDATE_GOLDEN'] === '1')
    writeGolden(path, PNG.sync.write(picture, { colorType: 2, deflateLevel: 9 }))
  const golden = PNG.sync.read(readFileSync(path))
  const { width, height } = golden
  expect({ width: picture.width, height: picture.height }, name).toEqual({ width, height })
  const differing = pixelmatch(picture.data, golden.data, undefined, width, height, { threshold: TOLERANCE.threshold })
  if (differing > tolerance * width * height) {
    writeFileSync(join(tmpdir(), `forkwise-differs-${name}.png`), PNG.sync.write(picture))
  }
  expect(differing / (width * height), `${name}: share of pixels that differ`).toBeLessThanOrEqual(tolerance)
}

function writeGolden(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** A picture of a fraction of the size (each pixel the mean of some) in 4096 colours, which makes small files. */
function reduced(picture: PNG, by: number): PNG {
  const small = new PNG({ width: Math.floor(picture.width / by), height: Math.floor(picture.height / by) })
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0
        for (let dy = 0; dy < by; dy++) {
          for (let dx = 0; dx < by; dx++) {
            sum += picture.data[((y * by + dy) * picture.width + x * by + dx) * 4 + channel] ?? 0
          }
        }
        const mean = sum / by ** 2
        small.data[(y * small.width + x) * 4 + channel] = channel === 3 ? 255 : Math.round(mean / 17) * 17
      }
    }
  }
  return small
}
