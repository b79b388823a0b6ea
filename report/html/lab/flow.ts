import type { FlowPicture } from '../../../core/lab-record.ts'
import { grouped } from '../../lab/pictures/lanes.ts'
import { markup, type Markup } from '../markup.ts'

const BOX = { width: 92, height: 30 }
const ARROW = 24

/** Boxes in a row, and below them an arrow from the first to each one that answers, with how much it answers. */
export function labFlow({ id, title, flows }: FlowPicture): Markup {
  return markup`<div class="flows" id="${id}-plot" role="img" aria-label="${title}; the table below has the figures.">
${grouped(flows).map(([group, own]) => [group === '' ? null : markup`<div class="group">${group}</div>\n`, own.map(flowMarkup)])}</div>`
}

/** The middle of the first box is at the left end, that of the last at the right end: half a box stands out at either side. */
function flowMarkup({ name, boxes, arrows }: FlowPicture['flows'][number]): Markup {
  const middleOf = (place: number): number => (100 * place) / Math.max(1, boxes.length - 1)
  const height = BOX.height + arrows.length * ARROW + 6
  return markup`<div>${name}</div>
<svg class="flow" width="100%" height="${height}">${boxes.map(
    (box, place) =>
      markup`<svg x="${middleOf(place)}%" overflow="visible"><line class="lifeline" x1="0" x2="0" y1="${BOX.height}" y2="${height}"/><rect class="box" x="${-BOX.width / 2}" y="1" width="${BOX.width}" height="${BOX.height}" rx="6"/><text x="0" y="20" text-anchor="middle">${box}</text></svg>\n`,
  )}${arrows.map(({ what, label, to, tone }, index) => {
    const y = BOX.height + (index + 1) * ARROW - 2
    const end = middleOf(to)
    return markup`<line class="arrow ${tone}" x1="0" x2="${end}%" y1="${y}" y2="${y}"/><svg x="${end}%" y="${y}" overflow="visible"><path class="arrow ${tone}" d="M-8 -4L-1 0L-8 4"/></svg><text class="passes" x="8" y="${y - 5}">${what}: ${label}</text>\n`
  })}</svg>\n`
}
