import type { TimelineItem } from '../../core/timeline.ts'
import { Timeline } from '../../analysis/timeline/state.ts'
import { clockText, showHead, showLoad, showMarks, showSeconds } from './figures-view.ts'
import { element, say } from './elements.ts'
import { showHeatMap } from './heat-map.ts'
import { showLanes } from './lanes-view.ts'
import { listen } from './stream.ts'

/** Items that a page keeps to look back at; the oldest go first, those at the start last. */
const MOST_ITEMS = 40_000

const slider = element('moment', HTMLInputElement)
const button = element('follow', HTMLButtonElement)
let items: TimelineItem[] = []
let newest = new Timeline()
/** What is shown: the newest state, or the one at a moment that was chosen. */
let shown = newest
/** The moment that was chosen, in ms since the epoch; null while the page follows. */
let chosenMs: number | null = null
let connected = false
let drawing = false

listen({
  onStart() {
    items = []
    newest = new Timeline()
    shown = chosenMs === null ? newest : shown
  },
  onItems(told) {
    for (const item of told) {
      newest.apply(item)
      if (item.kind !== 'beats' || item.kept) items.push(item)
    }
    if (items.length > MOST_ITEMS) items = items.slice(-MOST_ITEMS)
    if (chosenMs === null) shown = newest
    drawSoon()
  },
  onConnection(is) {
    connected = is
    drawSoon()
  },
})

slider.addEventListener('input', () => {
  const startMs = startOf()
  const atMs = startMs + slider.valueAsNumber * 1000
  choose(slider.value === slider.max ? null : atMs)
})
button.addEventListener('click', () => choose(null))
window.addEventListener('resize', drawSoon)
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawSoon)

function choose(atMs: number | null): void {
  chosenMs = atMs
  shown = newest
  if (atMs !== null) {
    shown = new Timeline()
    for (const item of items) if (item.atMs <= atMs) shown.apply(item)
  }
  drawSoon()
}

function startOf(): number {
  return newest.startedAtMs ?? newest.nowMs
}

function drawSoon(): void {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    showHead(shown, connected)
    for (const id of ['load', 'latency']) element(id, HTMLElement).hidden = shown.columns.length === 0
    showLoad(shown)
    showHeatMap(shown)
    showSeconds(shown)
    showLanes(shown)
    showMarks(shown)
    showTime()
  })
}

function showTime(): void {
  const startMs = startOf()
  const endS = Math.max(0, Math.floor((newest.nowMs - startMs) / 1000))
  slider.max = String(endS)
  if (chosenMs === null) slider.value = String(endS)
  const at = clockText((chosenMs ?? newest.nowMs) - startMs)
  const text = chosenMs === null ? `${at}, now` : `${at} of ${clockText(newest.nowMs - startMs)}`
  say(element('moment-text', HTMLOutputElement), text)
  slider.setAttribute('aria-valuetext', text)
  button.hidden = chosenMs === null
  document.body.dataset['past'] = String(chosenMs !== null)
}
