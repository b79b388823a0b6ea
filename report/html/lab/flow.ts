import type { FlowPicture } from '../../../core/lab-record.ts'
import { grouped } from '../../lab/pictures/lanes.ts'
import { shorten } from '../charts/axis.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'

const WIDTH = 900
const BOX = { width: 150, height: 30 }
const ARROW = 24

/** Boxes in a row, and below them an arrow from the first to each one that answers, with how much it answers. */
export function labFlow({ id, title, flows }: FlowPicture): Markup {
  let y = 6
  const drawn = grouped(flows).flatMap(([group, own]) => {
    const head = group === '' ? null : markup`<text class="group" x="0" y="${y + 14}">${group}</text>\n`
    if (head !== null) y += 22
    return [
      head,
      ...own.map((flow) => {
        const content = flowMarkup(flow, y)
        y += 20 + BOX.height + flow.arrows.length * ARROW + 22
        return content
      }),
    ]
  })
  return plot(id, { width: WIDTH, height: y }, `${title}; the table below has the figures.`, drawn)
}

function flowMarkup({ name, boxes, arrows }: FlowPicture['flows'][number], top: number): Markup {
  const step = (WIDTH - BOX.width) / Math.max(1, boxes.length - 1)
  const middleOf = (place: number): number => BOX.width / 2 + place * step
  const boxTop = top + 20
  const bottom = boxTop + BOX.height + arrows.length * ARROW
  return markup`<g class="flow"><text x="0" y="${top + 13}">${name}</text>
${boxes.map(
  (box, place) =>
    markup`<path class="lifeline" d="M${middleOf(place)} ${boxTop + BOX.height}V${bottom + 4}"/><rect class="box" x="${middleOf(place) - BOX.width / 2}" y="${boxTop}" width="${BOX.width}" height="${BOX.height}" rx="6"/><text x="${middleOf(place)}" y="${boxTop + 20}" text-anchor="middle">${shorten(box, 22)}</text>\n`,
)}${arrows.map(({ what, label, to, tone }, index) => {
    const y = boxTop + BOX.height + (index + 1) * ARROW - 2
    const [from, end] = [middleOf(0), middleOf(to)]
    return markup`<path class="arrow ${tone}" d="M${from} ${y}H${end - 2}M${end - 9} ${y - 4}L${end - 2} ${y}L${end - 9} ${y + 4}"/><text class="passes" x="${from + 12}" y="${y - 5}">${what}: ${label}</text>\n`
  })}</g>\n`
}
