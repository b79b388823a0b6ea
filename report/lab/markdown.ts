import type { LabResult, LabWord } from '../../core/lab-record.ts'
import { coresText, formatBytes } from '../../core/quantities.ts'
import { escapeMarkdown } from '../markdown.ts'
import { pictureLines } from './pictures.ts'
import { answersSentence, answerText, beliefText } from './text.ts'

/** Columns of pictures in Markdown. */
const COLUMNS = 88

/** The result of a lab as Markdown. */
export function renderLabMarkdown(result: LabResult): string {
  const { manifest, answers } = result
  const predicted = answers.filter((answer) => answer.predicted !== null)
  const parts = [
    `# Lab ${result.number}: ${markdownProse(result.title)}`,
    markdownProse(result.question),
    ...labMarkdownBody(result),
    ...(predicted.length === 0
      ? []
      : [
          '## What you expected',
          list(predicted.map(answerText)),
          markdownProse(answersSentence(predicted, result.change !== null)),
        ]),
    '## How it was made',
    list([
      `${manifest.command}, Forkwise ${manifest.forkwiseVersion}, ${manifest.createdAt}`,
      `${manifest.machine.cpu}, ${coresText(manifest.machine.cores)}, ${formatBytes(manifest.machine.memoryBytes)}, ${manifest.machine.platform}, Node ${manifest.machine.node}, ${manifest.python ?? 'no Python'}`,
      ...manifest.lacks.map(({ what, remedy }) => `${what} ${remedy}`),
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}

/**
 * Pictures, what they show, and whether it is so: what a page about several labs says of each, with the words that need to be
 * explained.
 */
export function labMarkdownBody(result: LabResult, words: readonly LabWord[] = result.words): string[] {
  const { change, servers } = result
  return [
    ...result.pictures.map((picture) => fenced(pictureLines(picture, { columns: COLUMNS, style: (_, text) => text }))),
    ...(words.length === 0
      ? []
      : [bullets(words.map(({ word, means }) => `*${escapeMarkdown(word)}*: ${markdownProse(means)}.`))]),
    markdownProse(result.paragraph),
    list(result.claims.map(({ outcome, sentence }) => `${sentence} (${outcome})`)),
    markdownProse(`${beliefText(result)} From: ${result.source}.`),
    ...(change === null ? [] : [`Change one thing: ${markdownProse(change.help)} \`${change.line}\``]),
    `For servers: ${markdownProse(servers.text)} \`${servers.line}\``,
  ]
}

/** A sentence of ours, in which pairs of backticks mark code. */
export function markdownProse(text: string): string {
  const parts = text.split(/(`[^`]+`)/)
  return parts.map((part, index) => (index % 2 === 1 ? part : escapeMarkdown(part))).join('')
}

function list(lines: readonly string[]): string {
  return bullets(lines.map(markdownProse))
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}

function fenced(lines: readonly string[]): string {
  return ['```text', ...lines.map((line) => line.trimEnd()), '```'].join('\n')
}
