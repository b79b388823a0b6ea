// Makes the moving picture of a live page, docs/live.svg: `node scripts/record-live.mjs DIR [FROM_S TO_S]` replays the run
// in a results folder (`forkwise resilience --models cluster --faults freeze,kill --quick`) from one second to another and
// takes a picture of its page now and then. An SVG that plays them one after the other: no video, no script in it.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const FRAMES = 10
const FRAME_S = 0.9
const [WIDTH, HEIGHT] = [1100, 1060]

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [dir, from = '0', to] = process.argv.slice(2)
if (dir === undefined) throw new Error('Expected a results folder: node scripts/record-live.mjs DIR [FROM_S TO_S]')
const load = (path) => import(pathToFileURL(join(root, 'dist', path)).href)
const [{ openWatchedFolder }, { serveLive }] = await Promise.all([
  load('live/watched-folder.js'),
  load('live/server.js'),
])

const folder = openWatchedFolder(dir)
const items = folder.read()
const lengthS = (items.at(-1).atMs - items[0].atMs) / 1000
const server = await serveLive(folder.journal, { port: 0 })
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme: 'light' })
  await page.goto(server.address)
  await page.locator('#status[data-is="over"], #status[data-is="failed"]').waitFor()
  const [first, last] = [Number(from), Number(to ?? lengthS)]
  const frames = []
  for (let frame = 0; frame < FRAMES; frame++) {
    const second = Math.round(first + ((last - first) * frame) / (FRAMES - 1))
    await page.evaluate((at) => {
      const slider = document.querySelector('#moment')
      slider.value = String(at)
      slider.dispatchEvent(new Event('input'))
    }, second)
    await page.waitForTimeout(200)
    frames.push((await page.screenshot({ type: 'jpeg', quality: 45 })).toString('base64'))
  }
  writeFileSync(join(root, 'docs', 'live.svg'), movingPicture(frames))
} finally {
  await browser.close()
  await server.close()
}

function movingPicture(frames) {
  const images = frames.map(
    (frame, place) =>
      `<image class="frame" style="animation-delay:${(place * FRAME_S).toFixed(1)}s" width="${WIDTH}" height="${HEIGHT}" href="data:image/jpeg;base64,${frame}"/>`,
  )
  const lengthS = (frames.length * FRAME_S).toFixed(1)
  const share = (100 / frames.length).toFixed(3)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">
<title>The page of a run: under load a worker is stopped, given up and replaced</title>
<style>
.frame { opacity: 0; animation: show ${lengthS}s step-end infinite; }
@keyframes show { 0% { opacity: 1 } ${share}% { opacity: 0 } }
@media (prefers-reduced-motion: reduce) { .frame { animation: none } .frame:last-of-type { opacity: 1 } }
</style>
${images.join('\n')}
</svg>
`
}
