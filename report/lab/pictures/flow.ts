import type { FlowPicture } from '../../../core/lab-record.ts'
import { wrapText } from '../../table.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, groupLines } from './lanes.ts'
import { tableLines, toned } from './matrix.ts'

/** Each way from the first box to the one that answers, with how much goes there. */
export function flowLines({ flows }: FlowPicture, options: TextOptions): string[] {
  return grouped(flows).flatMap(([group, own]) => [
    ...groupLines(group, options),
    ...own.flatMap(({ name, boxes, arrows }) => [
      ...wrapText(name, options.columns),
      ...tableLines(
        [
          { id: 'what', title: '', align: 'left', cells: arrows.map(({ what }) => [{ text: `  ${what}` }]) },
          { id: 'label', title: '', align: 'right', cells: arrows.map(({ label }) => [{ text: label }]) },
          {
            id: 'way',
            title: '',
            align: 'left',
            cells: arrows.map(({ to, tone }) => [toned(boxes.slice(0, to + 1).join(' → '), tone)]),
          },
        ],
        options,
        // The line of the empty headings.
      ).filter((line) => line.trim() !== ''),
    ]),
  ])
}
