import { EXIT, ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import type { MachineFinding } from '../../core/records.ts'
import { inspectAgents, readAgents } from '../../experiments/load-agents.ts'
import { AGENTS } from '../../experiments/options/sets/agents.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { HostMeter } from '../../loadtest/host.ts'
import { freeThreadedFinding, partFindings, preflight, toolFindings } from '../../loadtest/preflight.ts'
import type { Command, StyleKind, Terminal } from '../command.ts'
import { definitionLines } from '../definitions.ts'
import { lineOptions, wordsToOptions } from '../option-words.ts'
import { availableCores } from '../../core/cores.ts'

const MARKS: Readonly<Record<MachineFinding['level'], { mark: string; style: StyleKind }>> = {
  ok: { mark: '✓', style: 'good' },
  warning: { mark: '!', style: 'warn' },
  critical: { mark: '✗', style: 'bad' },
}

/** `forkwise doctor`: what will spoil results here. */
export const command: Command = {
  name: 'doctor',
  summary: 'Say what will spoil results on this machine, and what to do about it.',
  positionals: '',
  arity: [0, 0],
  description:
    'Looks at the machine for about two seconds: cores, quotas, other programs, steadiness, limits, and programs that ' +
    'some models need; with --agents also at each agent. Exits with 3 when a finding is critical.',
  options: lineOptions(AGENTS),
  examples: [
    { line: 'forkwise doctor', meaning: 'Before a long run.' },
    {
      line: 'forkwise doctor --agents 10.0.0.2 --identity lab/controller.pem',
      meaning: 'Are the agents there, and how far away?',
    },
  ],
  json: true,
  async run(invocation) {
    const { json, terminal, signal } = invocation
    const problems = new ProblemList()
    const given = wordsToOptions(AGENTS, invocation, problems)
    const agents = readAgents(readSettings(AGENTS, given, problems), given, problems)
    problems.throwIfAny('USAGE')
    const machine = machineFacts()
    const findings = [
      ...(await preflight(new HostMeter(availableCores(), []))),
      ...partFindings(),
      freeThreadedFinding(),
      ...toolFindings(),
      ...(agents === null ? [] : await inspectAgents(agents, signal)),
    ]
    terminal.result(
      json
        ? JSON.stringify({ schema: 'forkwise/doctor@1', machine, findings }, null, 2)
        : findingsText(findings, terminal),
    )
    return findings.some((finding) => finding.level === 'critical') ? EXIT.machine : EXIT.ok
  },
}

function findingsText(findings: readonly MachineFinding[], terminal: Terminal): string {
  return definitionLines(
    findings.map(({ level, check, found, remedy }) => {
      const { mark, style } = MARKS[level]
      return {
        label: `${mark} ${check}`,
        styled: `${terminal.style(style, mark)} ${check}`,
        texts: remedy === '' ? [found] : [found, `→ ${remedy}`],
      }
    }),
    terminal.columns,
  ).join('\n')
}
