import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { describeWith } from '../parts.ts'

const SAMPLES = join(PACKAGE_ROOT, 'docs', 'sample')
const folders = readdirSync(SAMPLES).filter((name) => existsSync(join(SAMPLES, name, 'report.html')))

const packed = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'))

test.each(packed)('%s can be unpacked', (name) => {
  expect(gunzipSync(readFileSync(join(SAMPLES, name))).toString('utf8')).toMatch(/^# /)
})

describeWith(['chromium'], 'the committed reports in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    const executablePath = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim()
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(() => browser.close())

  test.each(folders)('%s: no message in the console, and its style applies', async (name) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' })
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(message.text()))
    page.on('pageerror', (error) => trouble.push(error.message))
    await page.goto(pathToFileURL(join(SAMPLES, name, 'report.html')).href)
    expect(trouble).toEqual([])
    // Without its style a browser paints pages white, and fills what is drawn as a line.
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).not.toBe('rgba(0, 0, 0, 0)')
    const lines = await page.evaluate<string[]>(
      `[...document.querySelectorAll('path.line')].map((line) => getComputedStyle(line).fill)`,
    )
    expect(lines.filter((fill) => fill !== 'none')).toEqual([])
    await page.close()
  })
})
