import type { LabPicture } from '../../core/lab-record.ts'
import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'
import { barLines } from './pictures/bars.ts'
import { curveLines } from './pictures/curve.ts'
import { dotLines } from './pictures/dots.ts'
import { flowLines } from './pictures/flow.ts'
import { ganttLines } from './pictures/gantt.ts'
import { heatLines } from './pictures/heat.ts'
import { ledgerLines, matrixLines } from './pictures/matrix.ts'

/** A picture as lines for a terminal: at 60 columns and more as drawn, below that as narrow as it goes. */
export function pictureLines(picture: LabPicture, options: TextOptions): string[] {
  const width = Math.min(options.columns, 120)
  return [
    ...wrapText(picture.title, width).map((line) => options.style('strong', line)),
    ...wrapText(picture.note, width).map((line) => options.style('faint', line)),
    ...drawn(picture, { ...options, columns: width }),
  ]
}

function drawn(picture: LabPicture, options: TextOptions): string[] {
  switch (picture.kind) {
    case 'dots':
      return dotLines(picture, options)
    case 'gantt':
      return ganttLines(picture, options)
    case 'curve':
      return curveLines(picture, options)
    case 'bars':
      return barLines(picture, options)
    case 'matrix':
      return matrixLines(picture, options)
    case 'heat':
      return heatLines(picture, options)
    case 'ledger':
      return ledgerLines(picture, options)
    case 'flow':
      return flowLines(picture, options)
  }
}
