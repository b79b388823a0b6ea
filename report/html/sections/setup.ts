import { cellName, countText, listText } from '../../../analysis/wording.ts'
import { formatBytes, formatDuration } from '../../../core/quantities.ts'
import type { SliceSeconds } from '../../../core/records.ts'
import type { ReportContext, Section } from '../context.ts'
import { lookFor } from '../context.ts'
import { markup, type Markup, prose } from '../markup.ts'

/** What was compared, on what machine, and how to do it again. */
export function setupSection(context: ReportContext): Section {
  const { result, run } = context
  const { manifest } = run
  const { machine } = result
  const { plan } = manifest
  const facts: [string, Markup | string][] = [
    ['Machine', `${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)} (${machine.id})`],
    ['System', `${machine.platform}, ${machine.kernel}`],
    ['Node', `${machine.node}, V8 ${machine.v8}`],
    ['Forkwise', manifest.forkwiseVersion],
    ['Made', manifest.createdAt],
    ['Run', result.id],
    ['Seed', String(result.seed)],
    [
      'Plan',
      `${countText(plan.blocks, 'block')} (${plan.maxBlocks} at most), ${countText(plan.workers, 'worker')}; each launch: up to ${formatDuration(plan.warmup.maxS)} of warm-up, ${sliceLengths(context)}; timeout ${formatDuration(plan.timeoutS)}`,
    ],
    ['Placement', placementText(context)],
    ['App', plan.app ?? 'the built-in app'],
  ]
  return {
    id: 'setup',
    title: 'What was compared, and how to do it again',
    short: 'Setup',
    body: markup`<div class="columns"><div><h3>Models</h3><dl class="models">${manifest.models.map(
      ({ id, title, tradeoff }) =>
        markup`<dt><svg class="${lookFor(context, id).classes}" width="34" height="10" viewBox="0 0 34 10" aria-hidden="true"><path class="line" d="M1 5H33"/></svg>${id} <span class="note">${title}</span></dt><dd>${tradeoff}</dd>\n`,
    )}${result.unavailable.map(
      ({ reason, remedy, ...cell }) =>
        markup`<dt>${cellName(cell)} <span class="note">not measured</span></dt><dd>${prose(reason)}${remedy === '' ? null : markup` To have it: ${prose(remedy)}`}</dd>\n`,
    )}</dl>
<h3>Workloads</h3><dl>${manifest.workloads.map(
      ({ id, title, summary, connections, requests }) =>
        markup`<dt>${id} <span class="note">${title}</span></dt><dd>${summary} ${connections} connections at saturation. ${requests.map((request) => markup`<code>${request.method} ${request.path}</code> `)}</dd>\n`,
    )}</dl></div>
<div><h3>Machine and plan</h3><dl class="facts">${facts.map(([term, fact]) => markup`<dt>${term}</dt><dd>${fact}</dd>\n`)}</dl>
<h3>Again</h3><p>On the same machine, with the same seed:</p><pre tabindex="0"><code>${manifest.command.startsWith('npx ') ? '' : 'npx '}${manifest.command}</code></pre>
<p>This page was made from the run’s folder and can be made again from it: <code>npx forkwise report DIR --write</code>.</p></div></div>`,
  }
}

function sliceLengths({ run }: ReportContext): string {
  const { plan } = run.manifest
  const dealt = Object.entries(run.pilot?.sliceSeconds ?? {})
  const lengths = (of: keyof SliceSeconds): string => {
    const [first, ...others] = dealt
    if (first === undefined || others.every(([, seconds]) => seconds[of] === first[1][of])) {
      return formatDuration(first?.[1][of] ?? plan[of])
    }
    return listText(dealt.map(([workload, seconds]) => `${formatDuration(seconds[of])} of ${workload}`))
  }
  const latency = plan.latencyS > 0 ? `, ${lengths('latencyS')} at the common rate` : ''
  return `${lengths('saturationS')} at saturation${latency}`
}

function placementText({ run, result }: ReportContext): string {
  const { placement } = run.manifest.plan
  return placement === null
    ? `generator and server share ${result.machine.cores} cores`
    : `generator on CPU ${placement.generator.join(', ')}; server on CPU ${placement.server.join(', ')}`
}
