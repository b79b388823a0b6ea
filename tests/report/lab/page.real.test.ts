import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pixelmatch from 'pixelmatch'
import type { Browser, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { renderLabHtml } from '../../../report/html/lab/page.ts'
import { accessibilityProblems, BROWSER_LIMIT_MS, launchChromium } from '../../browser.ts'
import { describeWith } from '../../parts.ts'
import { knownLab } from './known-lab.ts'

const VIEWS = (['light', 'dark'] as const).flatMap((scheme) => [1280, 500, 400].map((width) => ({ scheme, width })))

/** Most of a picture that may differ: labels in other fonts (as in tests/report/html.real.test.ts). */
const TOLERANCE = 0.12

/** What of the figures is out of view: texts beyond the edges of their figure, and whatever scrolls sideways. */
const OUT_OF_VIEW = `(() => {
  const texts = [...document.querySelectorAll('figure :is(text, td, th, .name, .label, .group)')].filter((text) => {
    const [own, around] = [text, text.closest('figure')].map((each) => each.getBoundingClientRect())
    return own.width > 0 && (own.left < around.left - 1 || own.right > around.right + 1)
  })
  const scrolling = [...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth + 1)
  return [...texts.map(({ textContent }) => textContent), ...scrolling.map((each) => each.ariaLabel)]
})()`

describeWith(['chromium'], 'the page of a lab in a real browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forkwise-lab-page-'))
  const file = join(folder, 'report.html')
  let browser: Browser

  beforeAll(async () => {
    writeFileSync(file, renderLabHtml(knownLab()))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(VIEWS)(
    '$scheme, $width: silent, accessible, within its width, plots as in the golden pictures',
    async (view) => {
      const { page, trouble } = await openPage(view)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width)
      expect(await page.evaluate(OUT_OF_VIEW)).toEqual([])
      expect(await accessibilityProblems(page)).toEqual([])
      if (view.width > 1000) {
        for (const plot of ['frames', 'workers', 'time', 'cost', 'latencies', 'deployment']) {
          expectPicture(`${plot}-${view.scheme}`, PNG.sync.read(await page.locator(`#${plot}-plot`).screenshot()))
        }
      }
      expect(trouble).toEqual([])
      await page.close()
    },
  )

  test('a trace is replayed: what is to come is hidden, and all is there again after it was stopped', async () => {
    const { page, trouble } = await openPage({ scheme: 'light', width: 1280 })
    const button = page.getByRole('button', { name: 'Replay' }).first()
    await page.getByRole('combobox').first().selectOption('100')
    await button.click()
    await page.waitForFunction(`document.querySelectorAll('#frames-plot .later').length > 0`)
    expect(await page.locator('#frames-plot.playing').count()).toBe(1)
    await page.getByRole('button', { name: 'Stop' }).click()
    expect(await page.locator('#frames-plot.playing').count()).toBe(0)
    expect(await page.locator('#frames-plot .moment').first().isVisible()).toBe(true)
    expect(trouble).toEqual([])
    await page.close()
  })

  test('without JavaScript everything but the replay is there', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(pathToFileURL(file).href)
    expect(await page.locator('[id$="-plot"]').count()).toBe(6)
    expect(await page.locator('button').count()).toBe(0)
    await page.close()
  })

  async function openPage(view: {
    scheme: 'light' | 'dark'
    width: number
  }): Promise<{ page: Page; trouble: string[] }> {
    const page = await browser.newPage({ viewport: { width: view.width, height: 900 }, colorScheme: view.scheme })
    page.setDefaultTimeout(BROWSER_LIMIT_MS)
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(`console ${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(pathToFileURL(file).href)
    return { page, trouble }
  }
})

function expectPicture(name: string, picture: PNG): void {
  const path = join(PACKAGE_ROOT, 'tests', 'golden', 'lab', `${name}.png`)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, PNG.sync.write(picture, { colorType: 2, deflateLevel: 9 }))
  }
  const golden = PNG.sync.read(readFileSync(path))
  const { width, height } = golden
  expect({ width: picture.width, height: picture.height }, name).toEqual({ width, height })
  const differing = pixelmatch(picture.data, golden.data, undefined, width, height, { threshold: 0.2 })
  expect(differing / (width * height), `${name}: share of pixels that differ`).toBeLessThanOrEqual(TOLERANCE)
}
