import { listText } from '../../analysis/wording.ts'
import { formatBytes } from '../../core/quantities.ts'
import type { ResilienceManifest, ResilienceResult } from '../../core/resilience-record.ts'
import { escapeMarkdown, markdownTable } from '../markdown.ts'
import { faultTables } from './rows.ts'

/** The result of a resilience run as Markdown. */
export function renderResilienceMarkdown(result: ResilienceResult, manifest: ResilienceManifest): string {
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')
  const repeats = result.plan.repeats === 1 ? 'one launch each' : `${result.plan.repeats} launches each`
  const parts = [
    `# What faults do to ${escapeMarkdown(listText(result.plan.models))}`,
    ...(result.summary.length === 0 ? [] : [list(result.summary)]),
    ...faultTables(result).flatMap(({ fault, headings, rows, without, because }) => [
      `## ${escapeMarkdown(fault.title)}`,
      `${escapeMarkdown(fault.question)} (${repeats}.)`,
      ...(rows.length === 0
        ? []
        : [
            markdownTable(
              ['model', ...headings],
              rows.map(({ model, cells }) => [`**${escapeMarkdown(model)}**`, ...cells.map(escapeMarkdown)]),
            ),
          ]),
      ...(without.length === 0 ? [] : [list(without.map(({ model, reason }) => `${model}: ${reason}.`))]),
      ...(because.length === 0
        ? []
        : [list(because.map(({ models, sentence }) => `${listText(models)}: ${sentence}`))]),
    ]),
    ...(result.unavailable.length === 0
      ? []
      : [
          '## Unavailable',
          list(result.unavailable.map(({ model, reason, remedy }) => `${model}: ${reason} ${remedy}`)),
        ]),
    '## What to know',
    list(result.notes),
    '## How it was made',
    list([
      `${manifest.command}, Forkwise ${manifest.forkwiseVersion}, ${manifest.createdAt}`,
      `${manifest.machine.cpu}, ${manifest.machine.cores} cores, ${formatBytes(manifest.machine.memoryBytes)}, ${manifest.machine.platform}, Node ${manifest.machine.node}`,
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}
