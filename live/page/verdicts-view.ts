import type { StandingVerdicts, Timeline } from '../../analysis/timeline/state.ts'
import type { TimelineVerdict } from '../../core/timeline.ts'
import { verdictsNote, verdictTexts } from '../../report/verdict-texts.ts'
import { element, make, say } from './elements.ts'

const WIDTH = 160
const HEIGHT = 32
const SVG = 'http://www.w3.org/2000/svg'

/** Intervals that are drawn, the newest to the right, and room that there is for at least. */
const [MOST_DRAWN, LEAST_DRAWN] = [20, 8]

/** An axis reaches at least this factor to either side of equal. */
const LEAST_FACTOR = 1.25

/** An interval beyond this factor is cut at the edge. */
const MOST_FACTOR = 4

/** Shows the verdicts as they stand, each with its intervals round after round; nothing before there is one. */
export function showVerdicts({ rounds }: Timeline): void {
  const newest = rounds.at(-1)
  const section = element('verdicts', HTMLElement)
  section.hidden = newest === undefined || newest.verdicts.length === 0
  if (newest === undefined || section.hidden) return
  say(element('verdicts-title', HTMLElement), newest.final ? 'Verdicts' : 'Verdicts so far')
  say(element('verdicts-note', HTMLElement), verdictsNote(newest.final))
  const list = element('verdict-list', HTMLUListElement)
  const stamp = `${rounds.length} ${newest.atMs}`
  if (list.dataset['stamp'] === stamp) return
  list.dataset['stamp'] = stamp
  list.replaceChildren(...newest.verdicts.map((verdict) => itemOf(verdict, newest, rounds)))
}

function itemOf(verdict: TimelineVerdict, { final }: StandingVerdicts, rounds: readonly StandingVerdicts[]): Element {
  const { subject, ratio, call } = verdictTexts(verdict, final)
  const item = make('li')
  item.dataset['call'] = final ? verdict.call : 'open'
  const history = rounds
    .slice(-MOST_DRAWN)
    .flatMap(({ verdicts }) => verdicts.find((earlier) => keyOf(earlier) === keyOf(verdict)) ?? [])
  item.append(make('strong', '', subject), make('span', '', ratio), make('span', 'call', call), drawing(history))
  return item
}

function keyOf({ workload, metric, baseline, candidate }: TimelineVerdict): string {
  return JSON.stringify([workload, metric, baseline, candidate])
}

/** The intervals as bars on a logarithmic axis, and equal as a line. */
function drawing(history: readonly TimelineVerdict[]): SVGElement {
  const strip = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' })
  const last = history.at(-1)?.ratio
  const far = [last?.low ?? 1, last?.high ?? 1, last?.estimate ?? 1].map((ratio) => Math.exp(Math.abs(Math.log(ratio))))
  const top = Math.log(Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, ...far)) * 1.1)
  const y = (ratio: number): number => {
    const place = Math.min(1, Math.max(-1, (ratio > 0 ? Math.log(ratio) : -Infinity) / top))
    return Math.round((HEIGHT / 2) * (1 - place) * 10) / 10
  }
  strip.append(shape('line', { class: 'equal', x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 }))
  const width = WIDTH / Math.max(LEAST_DRAWN, history.length)
  history.forEach(({ ratio }, place) => {
    const x = WIDTH - (history.length - place - 0.5) * width
    strip.append(
      shape('line', { class: 'interval', x1: x, x2: x, y1: y(ratio.high), y2: y(ratio.low) }),
      shape('circle', { class: 'estimate', cx: x, cy: y(ratio.estimate), r: 2 }),
    )
  })
  return strip
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  return made
}
