import { Player } from '../../analysis/timeline/player.ts'
import type { Timeline } from '../../analysis/timeline/state.ts'
import { clockText } from '../../report/timeline-texts.ts'
import { showHead, showLoad, showMarks, showSeconds } from './figures-view.ts'
import { element, say } from './elements.ts'
import { listenToHeatMap, showHeatMap } from './heat-map.ts'
import { showLanes } from './lanes-view.ts'
import { listen } from './stream.ts'
import { showVerdicts } from './verdicts-view.ts'

/** Time between two looks at the clock while nothing happens, in ms. */
const CLOCK_MS = 250

const slider = element('moment', HTMLInputElement)
const follow = element('follow', HTMLButtonElement)
const play = element('play', HTMLButtonElement)
const speed = element('speed', HTMLSelectElement)
let player = new Player()
/** The moment that is shown, in ms since the epoch; null while the page follows. */
let chosenMs: number | null = null
/** When the last picture was drawn while it plays, in ms of the page's clock; null while it does not. */
let playedAtMs: number | null = null
/** How far the clock of the run is ahead of the page's, in ms; null before it is known. */
let clockAheadMs: number | null = null
let connected = false
let drawing = false

listen({
  onStart() {
    player = new Player()
  },
  onItems(items) {
    player.add(items)
    drawSoon()
  },
  onClock(atMs) {
    clockAheadMs = atMs - performance.now()
  },
  onConnection(is) {
    connected = is
    drawSoon()
  },
})

/** Time passes also while nothing happens, as long as the server is heard. */
setInterval(() => {
  if (!connected || clockAheadMs === null || player.newest.end !== null) return
  player.passUntil(performance.now() + clockAheadMs)
  drawSoon()
}, CLOCK_MS)

slider.addEventListener('input', () => {
  stop()
  choose(slider.value === slider.max ? null : player.startMs + slider.valueAsNumber * 1000)
})
follow.addEventListener('click', () => {
  stop()
  choose(null)
})
play.addEventListener('click', () => {
  if (playedAtMs !== null) return stop()
  playedAtMs = performance.now()
  choose(chosenMs ?? player.startMs)
})
listenToHeatMap(drawSoon)
element('time', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
window.addEventListener('resize', drawSoon)
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawSoon)

function choose(atMs: number | null): void {
  chosenMs = atMs
  drawSoon()
}

function stop(): void {
  playedAtMs = null
  drawSoon()
}

/** While it plays, goes on by as much as the page's clock did, times the speed, until it has caught up. */
function playOn(): void {
  if (playedAtMs === null || chosenMs === null) return
  const nowMs = performance.now()
  chosenMs += (nowMs - playedAtMs) * Number(speed.value)
  playedAtMs = nowMs
  if (chosenMs < player.newest.nowMs) return
  chosenMs = null
  playedAtMs = null
}

function drawSoon(): void {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    playOn()
    const shown = chosenMs === null ? player.newest : player.at(chosenMs)
    showHead(shown, { connected, past: chosenMs !== null })
    for (const id of ['load', 'latency']) element(id, HTMLElement).hidden = shown.columns.length === 0
    const { startMs } = player
    showLoad(shown, startMs)
    showHeatMap(shown, startMs)
    showVerdicts(shown)
    showSeconds(shown, startMs)
    showLanes(shown)
    showMarks(shown, startMs)
    showTime(shown)
    if (playedAtMs !== null) drawSoon()
  })
}

function showTime(shown: Timeline): void {
  const { startMs, newest } = player
  const endS = Math.max(0, Math.floor((newest.nowMs - startMs) / 1000))
  slider.max = String(endS)
  slider.value = String(chosenMs === null ? endS : Math.floor((chosenMs - startMs) / 1000))
  const at = clockText(shown.nowMs - startMs)
  const last = newest.end === null ? 'now' : 'the end'
  const text = chosenMs === null ? `${at}, ${last}` : `${at} of ${clockText(newest.nowMs - startMs)}`
  say(element('moment-text', HTMLOutputElement), text)
  slider.setAttribute('aria-valuetext', text)
  say(follow, newest.end === null ? 'Follow' : 'To the end')
  follow.hidden = chosenMs === null
  say(play, playedAtMs === null ? 'Play' : 'Pause')
  document.body.dataset['past'] = String(chosenMs !== null)
  document.body.dataset['playing'] = String(playedAtMs !== null)
}
