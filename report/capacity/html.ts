import { markup } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import type { Section } from '../html/context.ts'
import { type RunTimeline, unitsSection } from '../html/sections/units.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { planSection } from './plan-section.ts'
import { ratesSection } from './rates-section.ts'
import { scalingSection, scalingTitle } from './scaling-section.ts'
import { machineSentence, nodeWords } from './tables.ts'
import { validationSection } from './validation-section.ts'

/** What `scale`, `capacity`, `plan` or `validate-plan` found as one HTML file that needs nothing else: report.html; `items` are its timeline. */
export function renderCapacityHtml(findings: CapacityFindings, items: RunTimeline = []): string {
  const sections = [
    planSection(findings),
    ratesSection(findings),
    scalingSection(findings),
    validationSection(findings),
    unitsSection(items),
    setupSection(findings),
  ].filter((section): section is Section => section !== null)
  return renderPage({
    title: titleOf(findings),
    kicker: `Forkwise · ${findings.id} · ${machineSentence(findings)}`,
    sections,
    foot: `Made by Forkwise from the results folder ${findings.id}.`,
  })
}

function titleOf({ scale, capacity, plan }: CapacityFindings): string {
  if (plan !== null) return 'How many workers it takes'
  if (capacity !== null) return `What is possible within ${capacity.slo.text}`
  return scale === null ? 'Predictions compared with measurements' : scalingTitle(scale.models)
}

function setupSection(findings: CapacityFindings): Section {
  const { readFrom } = findings.scale ?? {}
  const facts = readFrom === undefined ? measuredFacts(findings) : [['Measured', `elsewhere, read from ${readFrom}`]]
  const plan =
    readFrom === undefined
      ? markup` Plan with what was measured: <code>npx forkwise plan --from DIR --rate 900 --slo '${'p99<200ms'}'</code>.`
      : ''
  return {
    id: 'setup',
    title: 'What it rests on',
    short: 'Setup',
    body: markup`<dl class="facts">${facts.map(([term, fact]) => markup`<dt>${term}</dt><dd>${fact}</dd>\n`)}</dl>
<p>This page can be made again from the folder: <code>npx forkwise report DIR --write</code>.${plan}</p>`,
  }
}

function measuredFacts({ machine, measurements, scale, capacity }: CapacityFindings): [term: string, fact: string][] {
  const seed = scale?.seed ?? capacity?.seed
  return [
    ['Machine', `${machine.cpu ?? 'unknown'}, ${machine.cores ?? 'unknown'} cores`],
    ...(machine.kernel === undefined
      ? []
      : [['System', `${machine.platform ?? ''}, ${machine.kernel}`] as [string, string]]),
    ['Node', nodeWords(machine.node, measurements) ?? 'unknown'],
    ...(seed === undefined ? [] : [['Seed', String(seed)] as [string, string]]),
    ['Measured', measurements.map(({ model, workload }) => `${model} (${workload})`).join(', ') || 'nothing kept'],
  ]
}
