import { type Command } from '../command.ts'
import { reportRun } from '../comparison.ts'

/** `forkwise report`: every text of a run again, from its folder. */
export const command: Command = {
  name: 'report',
  summary: 'Make the report of a finished run again from its results folder.',
  positionals: 'DIR',
  arity: [1, 1],
  description:
    'Reads what a run recorded, decides again, writes report.md, report.html and result.json into the folder, and prints the result.',
  options: [],
  examples: [
    { line: 'forkwise report results/2026-11-20-101500-compare', meaning: 'Print the result of a run again.' },
  ],
  json: true,
  async run({ positionals, json, terminal }) {
    return reportRun(positionals[0] ?? '', { terminal, json })
  },
}
