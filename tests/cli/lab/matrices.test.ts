import { expect, test } from 'vitest'
import { loadLabs } from '../../../experiments/lab/labs.ts'
import { pictureLines } from '../../../report/lab/pictures.ts'
import { everythingMeasured } from '../../experiments/lab/made-up-evidence.ts'

const matrices = (await loadLabs()).flatMap((lab) =>
  lab
    .pictures(everythingMeasured(lab))
    .flatMap((picture) => (picture.kind === 'matrix' ? [[`${lab.id}: ${picture.title}`, picture] as const] : [])),
)

test.each(matrices)('%s is a matrix at 60 columns: a line for each row, with all its cells', (_, picture) => {
  const lines = pictureLines(picture, { columns: 60, style: (__, text) => text })
  expect(lines.filter((line) => Array.from(line).length > 60)).toEqual([])
  for (const { name, cells } of picture.rows) {
    const row = [name, ...cells.map(({ text }) => text)]
    const short = [name, ...cells.map((cell) => cell.short ?? cell.text)]
    const isRow = (line: string): boolean =>
      [row, short].some((texts) => line.trim().split(/ {2,}/).join('|') === texts.join('|'))
    expect(lines.some(isRow), row.join(' | ')).toBe(true)
  }
})

test('labs have matrices, those with short headings among them', () => {
  expect(matrices.length).toBeGreaterThan(4)
  expect(matrices.filter(([, { short }]) => short !== undefined).length).toBeGreaterThan(1)
})
