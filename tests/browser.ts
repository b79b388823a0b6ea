import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How long a page may take for anything it is asked to do, in ms: ends what hangs, and says nothing about speed. */
export const BROWSER_LIMIT_MS = 120_000

/** Starts the Chromium of this machine, without a window. */
export function launchChromium(): Promise<Browser> {
  const executablePath = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim()
  return chromium.launch({ executablePath, args: FLAGS })
}

/** What axe-core finds wrong with a page, in words. The page's policy must let it in, or be bypassed by its context. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  // All rules; selectors are only made, and handed over, of what breaks one.
  const violations = await page.evaluate<readonly Finding[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
}

interface Finding {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}
