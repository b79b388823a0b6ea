import { refuseFirstRun } from '../../analysis/comparison/assertion.ts'
import { EXIT, type ExitCode, ForkwiseError, ProblemList } from '../../core/errors.ts'
import type { Result } from '../../core/records.ts'
import { quoted } from '../../core/quotes.ts'
import { readRun, type StoredRun } from '../../store/comparison-folder.ts'
import { renderPlanCsv } from '../../report/capacity/plan-csv.ts'
import { renderCapacityHtml } from '../../report/capacity/html.ts'
import { timelineItems } from '../../report/html/sections/units.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { renderCapacityMarkdown } from '../../report/capacity/markdown.ts'
import { renderCsv } from '../../report/csv.ts'
import { renderHdrLog } from '../../report/hdr.ts'
import { renderHtml } from '../../report/html/report.ts'
import { renderMarkdown } from '../../report/markdown.ts'
import { renderOpenMetrics } from '../../report/openmetrics.ts'
import { capacityFindingsJson, capacityFindingsText, writeCapacityReports } from '../../report/capacity/folder.ts'
import { isCapacityFolder, readCapacityFindings } from '../../store/capacity-results.ts'
import type { Command, Terminal } from '../command.ts'
import { reportRun } from '../comparison.ts'
import { analyseRun } from '../../experiments/comparison/comparison.ts'
import { isDrillFolder } from '../../store/drill-folder.ts'
import { isLabFolder } from '../../store/lab-folder.ts'
import { isResilienceFolder } from '../../store/resilience-folder.ts'
import type { WhichTexts } from '../../store/folder.ts'
import { lineOptions, wordsToOptions } from '../option-words.ts'
import { DRILL_FORMATS } from '../../report/drill/folder.ts'
import { LAB_FORMATS } from '../../report/lab/folder.ts'
import { RESILIENCE_FORMATS } from '../../report/resilience/folder.ts'
import { reportDrill } from '../drill/run-drill.ts'
import { reportLab } from '../lab/run-lab.ts'
import { printResilience, reportResilience } from '../resilience.ts'
import { PAIR_FORMATS, reportPairs } from '../run-pairs.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { THRESHOLDS } from '../../experiments/options/sets/thresholds.ts'
import { thresholdsOf } from '../../experiments/resolution/thresholds.ts'

const FORMATS: Readonly<Record<string, (result: Result, run: StoredRun) => string>> = {
  md: (result, run) => renderMarkdown(result, run.manifest),
  html: (result, run) => renderHtml(result, run),
  csv: (result) => renderCsv(result),
  hdr: (_, run) => renderHdrLog(run),
  openmetrics: (result, run) => renderOpenMetrics(result, run.manifest),
}

/** `forkwise report`: every text of a run again, from its folder; several runs side by side. */
export const command: Command = {
  name: 'report',
  summary: 'Make the report of a run again from its results folder, or set several runs side by side.',
  positionals: 'DIR [DIR …]',
  arity: [1, 8],
  description:
    'With one folder: reads what the run recorded, decides again, and prints the result. Writes the files that the folder lacks ' +
    'of report.html, report.md, cells.csv and result.json (report.html and report.md for scale, capacity, plan and ' +
    'validate-plan), so that a folder under version control does not change; --write writes all of them again. With --format ' +
    'the report goes to stdout instead and nothing is written. With several folders: compares each with the first, and refuses ' +
    'those that cannot be compared; --assert then holds for each of the later ones, and may bound them by the first.',
  options: [
    {
      name: 'format',
      type: 'string',
      value: 'name',
      help: `Print as ${Object.keys(FORMATS).join(', ')} (several folders: ${Object.keys(PAIR_FORMATS).join(', ')}). hdr is an HdrHistogram log.`,
    },
    { name: 'write', type: 'boolean', help: 'Write all reports of the folder again, also those that exist.' },
    ...lineOptions(THRESHOLDS),
  ],
  examples: [
    { line: 'forkwise report results/2026-11-20-101500-compare', meaning: 'Print the result of a run again.' },
    {
      line: 'forkwise report results/a --write',
      meaning: 'Make its reports again, e.g. as a newer Forkwise writes them.',
    },
    { line: 'forkwise report results/a --format csv > cells.csv', meaning: 'One row per model and workload.' },
    { line: 'forkwise report results/before results/after', meaning: 'What changed between two runs.' },
    {
      line: "forkwise report results/a --assert 'cluster/io p99 < 80ms'",
      meaning: 'Exit code 5 when the threshold is missed.',
    },
    {
      line: "forkwise report results/main results/branch --assert '*/* throughput >= 0.95x first run' --junit forkwise.xml",
      meaning: 'A gate in a pipeline: no model may have lost more than 5 % since the first run.',
    },
  ],
  json: true,
  async run({ positionals, values, json, terminal }) {
    const problems = new ProblemList()
    const given = wordsToOptions(THRESHOLDS, { values, positionals }, problems)
    const thresholds = thresholdsOf(readSettings(THRESHOLDS, given, problems), given, problems)
    const format = typeof values['format'] === 'string' ? values['format'] : undefined
    const ofFaults = positionals.length === 1 && isResilienceFolder(positionals[0] ?? '')
    const ofLab = positionals.length === 1 && isLabFolder(positionals[0] ?? '')
    const ofDrill = positionals.length === 1 && isDrillFolder(positionals[0] ?? '')
    const single = ofFaults ? RESILIENCE_FORMATS : ofLab ? LAB_FORMATS : ofDrill ? DRILL_FORMATS : FORMATS
    const formats = Object.keys(positionals.length > 1 ? PAIR_FORMATS : single)
    if (format !== undefined && !formats.includes(format)) {
      problems.add(`Expected \`--format\` to be one of ${formats.join(', ')}, got ${quoted(format)}.`)
    }
    if (format !== undefined && json) problems.add('Expected at most one of `--format` and `--json`, got both.')
    if (thresholds.assertions.length > 0 && format !== undefined && (positionals.length === 1 || format === 'csv')) {
      problems.add(
        `Expected \`--assert\` without \`--format ${format}\`.`,
        positionals.length === 1 ? 'Its outcomes are printed, and written with `--junit`.' : 'CSV has no outcomes.',
      )
    }
    if (positionals.length === 1) refuseFirstRun(thresholds.assertions, given.name('assert'), problems)
    if (thresholds.assertions.length > 0 && (ofFaults || ofLab || ofDrill)) {
      problems.add(
        `Expected \`--assert\` with the folder of a comparison, got that of a ${ofLab ? 'lab' : ofDrill ? 'drill' : 'resilience run'}.`,
      )
    }
    if (thresholds.assertions.length > 0 && positionals.some(isCapacityFolder)) {
      problems.add(
        'Expected `--assert` with the folder of a comparison, got that of scale, capacity, plan or validate-plan.',
        'These end with exit code 5 by themselves when no rate or no server meets the objective of `--slo`.',
      )
    }
    const which = values['write'] === true ? 'all' : 'missing'
    if (which === 'all' && (positionals.length > 1 || format !== undefined)) {
      problems.add('Expected `--write` with one folder and without `--format`.')
    }
    problems.throwIfAny('USAGE')
    if (ofFaults) {
      const [dir = ''] = positionals
      return format === undefined
        ? reportResilience(dir, { terminal, json }, which)
        : printResilience(dir, format, terminal)
    }
    if (ofDrill) return reportDrill(positionals[0] ?? '', { terminal, json, format }, which)
    if (ofLab) return reportLab(positionals[0] ?? '', { terminal, json, format }, which)
    if (positionals.length > 1)
      return reportPairs(positionals, format ?? (json ? 'json' : 'text'), terminal, thresholds)
    const [dir = ''] = positionals
    if (isCapacityFolder(dir)) return reportCapacity(dir, format ?? (json ? 'json' : 'text'), terminal, which)
    if (format === undefined) return reportRun(dir, { terminal, json }, thresholds, which)
    const run = readRun(dir)
    for (const note of run.notes) terminal.note(note)
    terminal.result((FORMATS[format]?.(analyseRun(run), run) ?? '').trimEnd())
    return EXIT.ok
  },
}

/** The reports of a folder of `scale`, `capacity`, `plan` or `validate-plan` again. */
function reportCapacity(dir: string, format: string, terminal: Terminal, which: WhichTexts): ExitCode {
  const findings = readCapacityFindings(dir)
  for (const note of findings.notes ?? []) terminal.note(note)
  if (format === 'text' || format === 'json') {
    writeCapacityReports(dir, which)
    terminal.result(
      format === 'json'
        ? capacityFindingsJson(findings)
        : capacityFindingsText(findings, (kind, text) => terminal.style(kind, text)),
    )
    return EXIT.ok
  }
  const html = (found: CapacityFindings): string => renderCapacityHtml(found, timelineItems(dir))
  if (format === 'csv' && findings.plan !== null) {
    terminal.result(renderPlanCsv(findings.plan).trimEnd())
    return EXIT.ok
  }
  const render = { md: renderCapacityMarkdown, html }[format]
  if (render === undefined) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--format\` to be md or html (csv for a plan) for results of scale, capacity, plan or validate-plan, got ${quoted(format)}.`,
      hint: 'Their figures are in the JSON files of the folder.',
    })
  }
  terminal.result(render(findings).trimEnd())
  return EXIT.ok
}
