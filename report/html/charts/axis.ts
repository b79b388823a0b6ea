import { markup, type Markup } from '../markup.ts'
import type { Scale } from './scale.ts'

/** Grid lines and labels of a horizontal axis below a plot. */
export function axisBelow(axis: {
  readonly scale: Scale
  readonly top: number
  readonly bottom: number
  readonly width: number
  readonly label: string
  readonly format: (tick: number) => string
}): Markup {
  const { scale, top, bottom } = axis
  return markup`<g class="axis">${scale.ticks.map((tick) => {
    const x = scale.at(tick)
    return markup`<path d="M${x} ${top}V${bottom}"/><text x="${x}" y="${bottom + 13}" text-anchor="${x > axis.width - 18 ? 'end' : 'middle'}">${axis.format(tick)}</text>`
  })}<text class="unit" x="${axis.width}" y="${bottom + 27}" text-anchor="end">${axis.label}</text></g>\n`
}

/** Grid lines and labels of a vertical axis on the left of a plot. */
export function axisLeft(axis: {
  readonly scale: Scale
  readonly left: number
  readonly right: number
  readonly label: string
  readonly labelY: number
  readonly format: (tick: number) => string
}): Markup {
  const { scale, left, right } = axis
  return markup`<g class="axis">${scale.ticks.map((tick) => {
    const y = scale.at(tick)
    return markup`<path d="M${left} ${y}H${right}"/><text x="${left - 6}" y="${y + 3.5}" text-anchor="end">${axis.format(tick)}</text>`
  })}<text class="unit" x="0" y="${axis.labelY}">${axis.label}</text></g>\n`
}

/** A name cut to that many characters; the mark's title should have the whole of it. */
export function shorten(name: string, most: number): string {
  const characters = Array.from(name)
  return characters.length <= most ? name : `${characters.slice(0, most - 1).join('')}…`
}

/** Path data through points; a gap where a value is missing. */
export function linePath(points: readonly (readonly [x: number, y: number] | null)[]): string {
  let path = ''
  let drawing = false
  for (const point of points) {
    if (point === null) drawing = false
    else {
      path += `${drawing ? 'L' : 'M'}${Math.round(point[0] * 10) / 10} ${Math.round(point[1] * 10) / 10}`
      drawing = true
    }
  }
  return path
}
