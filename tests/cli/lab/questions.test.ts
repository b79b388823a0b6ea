import { expect, test } from 'vitest'
import { askPredictions, type Keyboard } from '../../../cli/lab/questions.ts'
import type { Terminal } from '../../../cli/command.ts'
import { loadLabs } from '../../../experiments/lab/labs.ts'
import { lab as processes } from '../../../experiments/lab/labs/processes.ts'
import { lab as spinner } from '../../../experiments/lab/labs/spinner.ts'

interface Typing {
  readonly keyboard: Keyboard
  readonly terminal: Terminal
  readonly notes: string[]
  readonly asked: string[]
}

function typing(...lines: readonly (string | null)[]): Typing {
  return typingAt(80, lines)
}

function typingAt(columns: number, lines: readonly (string | null)[]): Typing {
  const left = [...lines]
  const notes: string[] = []
  const asked: string[] = []
  return {
    keyboard: {
      ask: async (text) => {
        asked.push(text)
        return left.shift() ?? null
      },
      close: () => {},
    },
    terminal: {
      result: () => {},
      note: (text) => void notes.push(text),
      live: () => {},
      columns,
      interactive: true,
      style: (_, text) => text,
    },
    notes,
    asked,
  }
}

test('answers are taken by word, beginning or number; Return skips', async () => {
  const { keyboard, terminal } = typing('turns', 'f', '2', '', '1')
  expect(await askPredictions(spinner, terminal, keyboard)).toEqual({
    timer: 'turns',
    sleep: 'freezes',
    inline: 'freezes',
    slices: 'turns',
  })
})

test('what cannot be understood is asked again, with what can be typed', async () => {
  const { keyboard, terminal, notes } = typing('many', '6', '25')
  expect(await askPredictions(processes, terminal, keyboard)).toEqual({ best: 6, most: 25 })
  expect(
    notes.filter((note) => note.includes('Please type a number such as 2 or 1.5 (processes), with a point')),
  ).toHaveLength(1)
})

test('the end of typing ends the questions', async () => {
  const { keyboard, terminal } = typing(null)
  expect(await askPredictions(spinner, terminal, keyboard)).toEqual({})
})

test.each([60, 20])(
  'at %i columns questions are broken between words, and explained before they are asked',
  async (columns) => {
    for (const lab of await loadLabs()) {
      const { keyboard, terminal, notes, asked } = typingAt(
        columns,
        lab.asks.map(() => ''),
      )
      await askPredictions(lab, terminal, keyboard)
      const lines = [...notes, ...asked.map((text) => text.trimEnd())]
      expect(lines.filter((line) => Array.from(line).length > columns - 1)).toEqual([])
      const printed = lines.map((line) => line.trim()).join(' ')
      const words = [lab.question, ...lab.asks.map(({ label, asked: text = label }) => text)].flatMap((text) =>
        text.split(' '),
      )
      // A single word that is longer than a line has to be broken.
      for (const word of words.filter(({ length }) => length < columns - 4)) expect(printed).toContain(word)
    }
    const { keyboard, terminal, notes } = typingAt(columns, [null])
    await askPredictions(spinner, terminal, keyboard)
    expect(notes.join(' ')).toContain('inline: done at once on the')
  },
)

test('every number says what is asked and how it is typed, and the cores are told before', async () => {
  for (const lab of await loadLabs()) {
    const { keyboard, terminal, notes, asked } = typingAt(
      200,
      lab.asks.map(() => ''),
    )
    await askPredictions(lab, terminal, keyboard)
    expect(notes.join(' ')).toMatch(/on \d+ cores?\?/)
    for (const [index, ask] of lab.asks.entries()) {
      if (ask.kind === 'number')
        expect(`${notes.join(' ')} ${asked[index]}`).toMatch(/how (many|much|long)[^?]*\(a number/)
    }
  }
})

test('after the end of typing the next line begins below the question', async () => {
  const { keyboard, terminal, notes } = typing(null)
  await askPredictions(spinner, terminal, keyboard)
  expect(notes.at(-1)).toBe('')
})
