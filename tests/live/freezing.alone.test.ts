import { once } from 'node:events'
import net from 'node:net'
import { expect, vi } from 'vitest'
import { launchChromium } from '../browser.ts'
import { makePlace } from '../cli/forkwise-process.ts'
import { partTest } from '../parts.ts'

/** A prime whose test takes one to two seconds. */
const LONGEST_PRIME = '9999999999999937'

/** How long a spinner may still move after its loop has stopped, by the clock of the page, in ms. */
const MOST_MS = 300

/** What the page saw of a worker: when its spinner moved, and from when until when it was shown as blocked. */
interface Seen {
  readonly movedMs: readonly number[]
  readonly blocked: readonly { readonly sinceMs: number; readonly toMs: number }[]
}

partTest(
  ['chromium'],
  `a loop that is blocked for 3 s freezes its own spinner within ${MOST_MS} ms, and no other`,
  async () => {
    const place = makePlace()
    const browser = await launchChromium()
    const serving = place.start(['serve', 'cluster', '--workers', '2', '--port', '0', '--live'])
    try {
      let text = ''
      for (const stream of [serving.child.stdout, serving.child.stderr]) {
        stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
      }
      const printed = (pattern: RegExp): Promise<string> =>
        vi.waitUntil(() => pattern.exec(text)?.[1], { timeout: 60_000 })
      const [address, target] = await Promise.all([printed(/live page: (\S+)/), printed(/ready (\S+)/)])
      const page = await browser.newPage()
      await page.goto(address)
      await page.locator('#lanes > [data-unit="worker-2"][data-state="alive"]').waitFor()
      await page.evaluate(WATCH_LANES)
      const socket = net.connect(Number(new URL(target).port), '127.0.0.1')
      const request = `GET /cpu/prime?n=${LONGEST_PRIME} HTTP/1.1\r\nHost: ${new URL(target).host}\r\n`
      socket.resume().end(`${request}\r\n${request}\r\n${request}Connection: close\r\n\r\n`)
      await once(socket, 'close')
      const seen = await vi.waitUntil(
        async () => {
          const all = await page.evaluate<Readonly<Record<string, Seen>>>('window.seen')
          return Object.values(all).some(({ blocked }) => blocked.some(({ toMs }) => toMs > 0)) ? all : null
        },
        { timeout: 30_000 },
      )
      const blocks = Object.entries(seen).flatMap(([unit, { movedMs, blocked }]) =>
        blocked.filter(({ toMs }) => toMs > 0).map((block) => ({ unit, movedMs, ...block })),
      )
      const longest = blocks.toSorted((a, b) => b.toMs - b.sinceMs - (a.toMs - a.sinceMs))[0]
      if (longest === undefined) throw new Error('Expected a block.')
      const { unit, sinceMs, toMs, movedMs } = longest
      const inside = (each: number): boolean => each > sinceMs && each < toMs
      expect(Math.max(0, ...movedMs.filter(inside).map((atMs) => atMs - sinceMs))).toBeLessThan(MOST_MS)
      const others = Object.entries(seen).filter(([name]) => name !== unit && name !== 'primary')
      expect(others.length).toBe(1)
      // The other worker turned all the time: four times a second is told.
      expect(others[0]?.[1].movedMs.filter(inside).length).toBeGreaterThan((toMs - sinceMs) / 1000)
    } finally {
      serving.child.kill('SIGINT')
      await serving.ended
      await browser.close()
      place.remove()
    }
  },
)

/** Notes, with the clock of the page, when each spinner moves and each lane is blocked. */
const WATCH_LANES = `{
  window.seen = {}
  for (const lane of document.querySelectorAll('#lanes > li')) {
    const seen = (window.seen[lane.dataset.unit] = { movedMs: [], blocked: [] })
    const look = () => {
      const open = seen.blocked.find(({ toMs }) => toMs === 0)
      if (lane.dataset.state === 'blocked' && !open) seen.blocked.push({ sinceMs: Number(lane.dataset.since), toMs: 0 })
      if (lane.dataset.state !== 'blocked' && open) open.toMs = Date.now()
    }
    new MutationObserver(look).observe(lane, { attributes: true, attributeFilter: ['data-state'] })
    new MutationObserver(() => seen.movedMs.push(Date.now()))
      .observe(lane.querySelector('.spinner'), { childList: true, characterData: true, subtree: true })
  }
}`
