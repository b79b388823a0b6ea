import { expect, test } from 'vitest'
import { renderLabHtml } from '../../../report/html/lab/page.ts'
import { classLabs, renderClassHtml, renderClassText } from '../../../report/lab/class.ts'
import { renderLabMarkdown } from '../../../report/lab/markdown.ts'
import { answersSentence, answerText, renderLabText } from '../../../report/lab/text.ts'
import { expectGolden } from '../golden.ts'
import { knownLab } from './known-lab.ts'

const plain = (_: string, text: string): string => text

test.each([100, 60])('the whole text at %i columns', (columns) => {
  const text = renderLabText(knownLab(), { columns, style: plain, folder: 'results/known' })
  expectGolden(`lab/text-${columns}.txt`, `${text.replaceAll(/ +$/gm, '')}\n`)
})

test('the Markdown has the pictures, the claims with their outcomes and how to make it again', () => {
  expectGolden('lab/report.md', renderLabMarkdown(knownLab()))
})

test('predictions that came true or not are answered kindly', () => {
  const [wrong, right] = knownLab().answers
  if (wrong === undefined || right === undefined) throw new Error('Expected two answers.')
  expect(answerText(wrong)).toBe('is_prime, inline: freezes; you expected turns.')
  expect(answerText(right)).toBe('worker thread: turns, as you expected.')
  expect(answersSentence([wrong, right], true)).toMatch(
    /^1 of 2 as you expected\. The others are where there is something to learn/,
  )
  expect(answersSentence([wrong], true)).toMatch(/^Not as you expected, and so there is something to learn/)
  expect(answersSentence([right], true)).toBe('All as you expected.')
  expect(answersSentence([{ ...right, right: null, happened: null }], true)).toBe('')
})

test('a prediction that the figures do not decide is neither right nor wrong, and not in the score', () => {
  const [wrong, right] = knownLab().answers
  if (wrong === undefined || right === undefined) throw new Error('Expected two answers.')
  const open = { ...right, right: null }
  expect(answerText(open)).toBe('worker thread: not decided here; you expected turns, seen: turns.')
  expect(answersSentence([open], true)).toBe('These figures decide none of it.')
  expect(answersSentence([open, right], true)).toBe('All that is decided here is as you expected.')
  expect(answersSentence([open, wrong, right], true)).toMatch(/^1 of 2 as you expected/)
  const result = knownLab({ answers: [open] })
  const texts = [
    renderLabText(result, { columns: 100, style: plain }),
    renderLabMarkdown(result),
    renderLabHtml(result),
  ]
  for (const text of texts) {
    expect(text).toContain('worker thread: not decided here')
    expect(text).not.toMatch(/✓ worker thread|→ worker thread|came-true">|surprise">/)
  }
  expect(texts[0]).toContain('? worker thread')
})

test.each([
  ['confirmed', 'It ends the belief that'],
  ['undecided', 'These figures do not decide it'],
  ['does not hold here', 'These figures do not speak against that belief'],
] as const)('a belief whose claims are %s', (beliefEnds, says) => {
  const result = knownLab({ beliefEnds })
  const texts = [
    renderLabText(result, { columns: 100, style: plain }),
    renderLabMarkdown(result),
    renderLabHtml(result),
  ]
  for (const text of texts) {
    expect(text.replaceAll(/\s+/g, ' ')).toContain(says)
    expect(text.includes('It ends the belief')).toBe(beliefEnds === 'confirmed')
  }
})

test('a class page has each reader’s own figures, signs beside colours, code as code, and no plural for one', () => {
  const own = knownLab()
  const [claim] = own.claims
  const [wrong, right] = own.answers
  if (claim === undefined || wrong === undefined || right === undefined)
    throw new Error('Expected a claim and answers.')
  const other = knownLab({
    claims: [{ ...claim, outcome: 'undecided', sentence: 'With `async` it was half.' }],
    answers: [
      { ...wrong, right: null },
      { ...right, predicted: null, right: null },
    ],
  })
  const alone = renderClassHtml(classLabs([{ reader: 'ben', result: other }]))
  expect(alone).toContain('1 reader ·')
  const page = renderClassHtml(
    classLabs([
      { reader: 'anna', result: own },
      { reader: 'ben', result: other },
    ]),
  )
  expect(page).toContain('<b>ben</b> (undecided): With <code>async</code> it was half.')
  expect(page).toContain(`<b>anna</b> (${claim.outcome}): `)
  expect(page).toMatch(/bad">→ [^<]*<\/span>; <span class="note">seen: /)
  expect(page).toContain('good">✓ ')
  expect(page).toMatch(/no prediction<\/span>; <span class="note">seen: [^<]+</)
  expect(page).toContain('not decided here')
})

test('a lab with nothing to change asks nobody to change something', () => {
  const lab = knownLab({ change: null })
  const texts = [renderLabText(lab, { columns: 100, style: plain }), renderLabMarkdown(lab), renderLabHtml(lab)]
  for (const text of texts) expect(text).not.toMatch(/change one thing/i)
  const changing = renderLabText(knownLab(), { columns: 100, style: plain }).replaceAll('\n', ' ')
  expect(changing).toContain('change one thing and predict again')
})

test('a class on one page: who expected what, and what happened', () => {
  const other = knownLab({
    answers: knownLab().answers.map((answer) => ({
      ...answer,
      predicted: 'freezes',
      right: answer.happened === 'freezes',
    })),
  })
  const labs = classLabs([
    { reader: 'anna', result: knownLab() },
    { reader: 'ben <b>', result: other },
  ])
  expect(labs).toHaveLength(1)
  expect(labs[0]?.questions.map(({ right, predicted }) => [right, predicted])).toEqual([
    [1, 2],
    [1, 2],
    [0, 1],
  ])
  expect(labs[0]?.claims[0]?.outcomes).toEqual({ confirmed: 2 })
  expect(renderClassText(labs, { columns: 80, style: plain })).toContain('is_prime, inline: 1 of 2 were right')
  const page = renderClassHtml(labs)
  expect(page).toContain('anna')
  expect(page).toContain('ben &lt;b&gt;')
  expect(page).not.toContain('Left out')
  const leftOut = [{ dir: 'cleo', why: 'its run was ended before its time' }]
  expect(renderClassHtml(labs, leftOut)).toContain('<li>cleo: its run was ended before its time.</li>')
})
