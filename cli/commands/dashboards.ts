import { join } from 'node:path'
import { ForkwiseError } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { IN_CHECKOUT, PACKAGE_ROOT } from '../../core/paths.ts'
import type { Command } from '../command.ts'

const ACTIONS = ['build', 'check'] as const

/** `forkwise dashboards`: Grafana's dashboards, Prometheus' rules and the pages made from code. */
export const command: Command = {
  name: 'dashboards',
  summary: 'Build or check the Grafana dashboards and Prometheus rules.',
  positionals: 'build|check',
  arity: [1, 1],
  description:
    '`build` writes the dashboards and rules to dashboards/dist and the pages docs/RUNBOOK.md and docs/METRICS.md; the same code always makes the same text. `check` verifies them: fresh, valid by Grafana’s schema, by dashboard-linter’s rules, laid out without overlap, metrics of the catalogue only, PromQL that promtool accepts, and, in a run, every query answered by a real Prometheus. It reports what cannot be checked here; with FORKWISE_REQUIRE_ALL=1 that is an error. Both need a checkout of Forkwise; an installed package has the finished files in dashboards/dist.',
  options: [
    {
      name: 'schema',
      type: 'string',
      value: 'file',
      help: 'Grafana’s JSON schema of a dashboard; by default ../shared/grafana/dashboard.jsonschema.json.',
    },
    {
      name: 'prometheus',
      type: 'string',
      value: 'url',
      help: 'A Prometheus that holds a run of the last quarter of an hour: every query must find series there.',
    },
    {
      name: 'live',
      type: 'boolean',
      help: 'Make a short run over some models with faults (half a minute): every query must find series in it. Implied by FORKWISE_REQUIRE_ALL=1.',
    },
  ],
  examples: [
    {
      line: 'forkwise dashboards build',
      meaning: 'Write the files; do it after every change of a panel, rule or metric.',
    },
    { line: 'forkwise dashboards check', meaning: 'Everything that can be checked without a run.' },
    { line: 'forkwise dashboards check --live', meaning: 'Everything, with a short run.' },
  ],
  json: true,
  async run(invocation) {
    const [action] = invocation.positionals
    requireKnown('an action', [action ?? ''], ACTIONS)
    requireCheckout()
    const actions = await import('../dashboard-actions.ts')
    return action === 'build' ? actions.buildDashboards(invocation) : actions.checkBuiltDashboards(invocation)
  },
}

/** The packages that make dashboards are among those that Forkwise is developed with. */
function requireCheckout(): void {
  if (IN_CHECKOUT) return
  throw new ForkwiseError('USAGE', {
    message: `Expected a checkout of Forkwise, where dashboards are made; got an installed package, ${PACKAGE_ROOT}.`,
    hint: `The finished dashboards and rules are in ${join(PACKAGE_ROOT, 'dashboards', 'dist')}.`,
  })
}
