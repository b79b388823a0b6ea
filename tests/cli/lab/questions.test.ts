import { expect, test } from 'vitest'
import { askPredictions, type Keyboard } from '../../../cli/lab/questions.ts'
import type { Terminal } from '../../../cli/command.ts'
import { lab as processes } from '../../../experiments/lab/labs/processes.ts'
import { lab as spinner } from '../../../experiments/lab/labs/spinner.ts'

function typing(...lines: readonly (string | null)[]): { keyboard: Keyboard; terminal: Terminal; notes: string[] } {
  const left = [...lines]
  const notes: string[] = []
  return {
    keyboard: { ask: async () => left.shift() ?? null, close: () => {} },
    terminal: {
      result: () => {},
      note: (text) => void notes.push(text),
      live: () => {},
      columns: 80,
      interactive: true,
      style: (_, text) => text,
    },
    notes,
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
  expect(notes.filter((note) => note.includes('Please type a number (processes)'))).toHaveLength(1)
})

test('the end of typing ends the questions', async () => {
  const { keyboard, terminal } = typing(null)
  expect(await askPredictions(spinner, terminal, keyboard)).toEqual({})
})
