import { significant } from '../../core/quantities.ts'
import type { LabClaim, LabResult } from '../../core/lab-record.ts'
import { alignedTable, wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'

const MARKS: Readonly<Record<LabClaim['outcome'], { kind: 'good' | 'bad' | 'warn'; mark: string }>> = {
  confirmed: { kind: 'good', mark: '✓' },
  'does not hold here': { kind: 'bad', mark: '✗' },
  undecided: { kind: 'warn', mark: '?' },
}

/** The result of a lab for a terminal. */
export function renderLabText(result: LabResult, options: TextOptions): string {
  const { style, columns } = options
  const width = Math.min(columns, 100)
  const claims = result.claims.flatMap(({ outcome, sentence }) => {
    const { kind, mark } = MARKS[outcome]
    const [first = '', ...rest] = wrapText(`${sentence} (${outcome})`, width - 2)
    return [`${style(kind, mark)} ${first}`, ...rest.map((line) => `  ${line}`)]
  })
  return [
    [style('strong', `Lab ${result.number}: ${result.title}`), ...wrapText(result.question, width)],
    figureLines(result),
    wrapText(result.paragraph, width),
    claims,
    ...(options.folder === undefined
      ? []
      : [wrapText(`Files in ${options.folder}: report.html, result.json`, columns)]),
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function figureLines({ figures, cells }: LabResult): string[] {
  const keys = Object.keys(figures).filter((key) => cells.some((cell) => cell.figures[key] !== undefined))
  const head = [
    '',
    ...keys.map((key) => `${figures[key]?.title ?? key}${figures[key]?.unit === '' ? '' : ` ${figures[key]?.unit}`}`),
  ]
  const rows = cells.map((cell) => [
    `${cell.language === 'python' ? 'Python: ' : ''}${cell.name}`,
    ...keys.map((key) => (cell.figures[key] === undefined ? '–' : significant(cell.figures[key].estimate))),
  ])
  return alignedTable([head, ...rows])
}
