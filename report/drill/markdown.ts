import type { DrillResult } from '../../core/drill-record.ts'
import { formatBytes } from '../../core/quantities.ts'
import { markdownProse } from '../lab/markdown.ts'
import { runbookLine } from './debrief.ts'
import { endSentence, judgementLines, scoreSentences, sinceFault, timeLine } from './wording.ts'

/** The result of a drill as Markdown. */
export function renderDrillMarkdown(result: DrillResult): string {
  const { manifest, debrief, answers, score, judgement } = result
  const { machine } = manifest
  const fix = (
    title: string,
    { lines, why }: { readonly lines: readonly string[]; readonly why: string },
  ): string[] => [`${title} ${lines.map((line) => `\`${line}\``).join(', ')}. ${markdownProse(why)}`]
  const parts = [
    `# Drill ${result.number}: ${markdownProse(result.title)}`,
    `> ${markdownProse(result.page)}`,
    markdownProse(`${endSentence(result)}${score.points === null ? '' : ` ${score.points} of 100 points.`}`),
    '## Goal',
    markdownProse(result.goal),
    ...(judgement === null ? [] : [list(judgementLines(judgement))]),
    '## Score',
    list(scoreSentences(score)),
    '## Diagnosis',
    list(
      answers.map(
        ({ question, given, right, why }) =>
          `${question} ${given === null ? 'Not answered' : `Answered: ${given}`}; right: ${right}. ${why}`,
      ),
    ),
    '## What happened',
    list(timeLine(result.acts).map(({ atS, text }) => `${sinceFault(atS)}: ${text}`)),
    '## Debrief',
    markdownProse(debrief.fault),
    list(debrief.showed),
    ...fix('The reference fix:', debrief.reference),
    ...fix('Another fix:', debrief.other),
    ...fix('A typical wrong turn:', debrief.wrongTurn),
    markdownProse(runbookLine(debrief)),
    markdownProse(`Where it does not happen: ${debrief.model}`),
    `**${markdownProse(debrief.lesson)}**`,
    '## How it was made',
    list([
      `\`${manifest.command}\`, Forkwise ${manifest.forkwiseVersion}, ${manifest.createdAt}`,
      `${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}, ${machine.platform}, Node ${machine.node}`,
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${markdownProse(line)}`).join('\n')
}
