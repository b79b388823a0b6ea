import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'

/** What a list of drills says of each. */
export interface ListedDrill {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly level: number
  readonly minutes: number
  /** Why it cannot run here; null when it can. */
  readonly lack: string | null
}

/** The drills in the order in which to do them, each with its level and time. */
export function renderDrillList(drills: readonly ListedDrill[], { columns, style }: TextOptions): string {
  const width = Math.min(columns, 100)
  const lines = drills.flatMap(({ id, number, title, level, minutes, lack }) => [
    ...wrapText(`${id}: ${title}`, width - 4).map((line, index) =>
      index === 0 ? `${String(number).padStart(2)}  ${line.replace(id, () => style('accent', id))}` : `    ${line}`,
    ),
    ...wrapText(
      `Level ${level}, about ${minutes} min.${lack === null ? '' : ` It cannot run here: ${lack}`}`,
      width - 4,
    ).map((line) => style('faint', `    ${line}`)),
  ])
  const how = wrapText(
    'Begin one with `npx forkwise drill NAME`, here, and do what you find right from a second terminal: `npx forkwise drill do LEVER VALUE`. Level 1 is where to begin.',
    width,
  )
  return [...lines, '', ...how].join('\n')
}
