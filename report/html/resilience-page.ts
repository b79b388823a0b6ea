import { mean } from '../../analysis/statistics/sample.ts'
import { listText } from '../../analysis/wording.ts'
import { formatBytes, formatRate } from '../../core/quantities.ts'
import type { FaultedCell, ResilienceCell, ResilienceManifest, ResilienceResult } from '../../core/resilience-record.ts'
import { type FaultTable, faultTables } from '../resilience/rows.ts'
import { LINE_FRAME, linePlot } from './charts/lines.ts'
import { linearScale, tickLabel } from './charts/scale.ts'
import { legend, type Section } from './context.ts'
import { figure, tableOf } from './figure.ts'
import { markup, type Markup, prose } from './markup.ts'
import { renderPage } from './page.ts'
import { type Look, lookOf } from './palette.ts'
import { type RunTimeline, unitsSection } from './sections/units.ts'

/** The result of a resilience run as one HTML file that needs nothing else; `items` are its timeline. */
export function renderResilienceHtml(
  result: ResilienceResult,
  manifest: ResilienceManifest,
  cells: readonly ResilienceCell[],
  items: RunTimeline = [],
): string {
  const looks = new Map(result.plan.models.map((model, index) => [model, lookOf(index)]))
  const faulted = cells.filter((cell) => cell.outcome === 'faulted')
  return renderPage({
    title: `What faults do to ${listText(result.plan.models)}`,
    kicker: `Forkwise · ${manifest.createdAt.slice(0, 10)} · ${result.machine.cpu}, ${result.machine.cores} cores`,
    sections: [
      summarySection(result),
      ...faultTables(result).map((table) => faultSection(table, result, faulted, looks)),
      unitsSection(items),
      notesSection(result),
      setupSection(result, manifest),
    ].filter((section) => section !== null),
    foot: 'Made by Forkwise from the results folder of the run.',
  })
}

function summarySection({ summary, capacities, ratePerS, plan }: ResilienceResult): Section {
  return {
    id: 'summary',
    title: 'What happened',
    body: markup`<ul class="sentences">${summary.map((sentence) => markup`<li>${prose(sentence, plan.models)}</li>\n`)}</ul>
<p>Asked of every model: ${formatRate(ratePerS)}. What they can do without a fault: ${capacities.map(({ model, ratePerS: can }) => `${model} ${formatRate(can)}`).join(', ')}.</p>`,
  }
}

function faultSection(
  table: FaultTable,
  result: ResilienceResult,
  faulted: readonly FaultedCell[],
  looks: ReadonlyMap<string, Look>,
): Section {
  const { fault, headings, rows, without, because } = table
  const { repeats } = result.plan
  return {
    id: `fault-${fault.id}`,
    title: fault.title,
    body: markup`<p class="lead">${fault.question} ${repeats === 1 ? 'One launch each.' : `${repeats} launches each.`}</p>
${
  rows.length === 0
    ? null
    : tableOf(
        { headings: ['model', ...headings], rows: rows.map(({ model, cells }) => [model, ...cells]) },
        fault.title,
      )
}
${without.length === 0 ? null : markup`<ul class="notes">${without.map(({ model, reason }) => markup`<li><b>${model}</b>: ${prose(reason)}.</li>\n`)}</ul>`}
${because.length === 0 ? null : markup`<ul class="notes">${because.map(({ models, sentence }) => markup`<li><b>${listText(models)}</b>: ${prose(sentence)}</li>\n`)}</ul>`}
${rows.length === 0 ? null : answersFigure(table, faulted, looks)}`,
  }
}

/** Seconds before the injection that the plot shows. */
const BEFORE_S = 1

/** Answers of each second as a share of the rate asked for, mean over the launches. */
function answersFigure(
  { fault, rows }: FaultTable,
  faulted: readonly FaultedCell[],
  looks: ReadonlyMap<string, Look>,
): Markup {
  const id = `answers-${fault.id}`
  const series = rows.map(({ model }) => ({
    model,
    points: answersOverTime(faulted.filter((cell) => cell.fault === fault.id && cell.model === model)),
  }))
  const longest = Math.max(1, ...series.flatMap(({ points }) => points.map(({ x }) => x)))
  const highest = Math.max(100, ...series.flatMap(({ points }) => points.map(({ y }) => y)))
  const seconds = Array.from({ length: longest + BEFORE_S + 1 }, (_, index) => index - BEFORE_S)
  return markup`${legend(new Map(series.flatMap(({ model }) => [...looks].filter(([name]) => name === model))))}
<div class="facets">${figure({
    id,
    title: 'Good answers',
    note: 'of each second, in % of the requests sent in it; above 100 what had waited is answered',
    svg: linePlot(
      id,
      `Good answers of each second around the fault, for each model; the table below has the figures.`,
      {
        x: linearScale([-BEFORE_S, longest], [LINE_FRAME.left, LINE_FRAME.right]),
        y: linearScale([0, highest], [LINE_FRAME.bottom, LINE_FRAME.top]),
        xLabel: 'seconds since the fault',
        yLabel: '%',
        xFormat: tickLabel,
        yFormat: tickLabel,
        down: [{ x: 0, label: 'fault' }],
      },
      series.map(({ model, points }) => ({ name: model, look: looks.get(model) ?? lookOf(0), points })),
    ),
    table: {
      headings: ['model', ...seconds.map((second) => `${second} s`)],
      rows: series.map(({ model, points }) => [
        model,
        ...seconds.map((second) => {
          const point = points.find(({ x }) => x === second)
          return point === undefined ? '–' : `${Math.round(point.y)} %`
        }),
      ]),
    },
  })}${memoryFigure({ fault, rows }, faulted, looks)}</div>`
}

/** Resident memory over time, mean over the launches; null where it was not looked at. */
function memoryFigure(
  { fault, rows }: Pick<FaultTable, 'fault' | 'rows'>,
  faulted: readonly FaultedCell[],
  looks: ReadonlyMap<string, Look>,
): Markup | null {
  const id = `memory-${fault.id}`
  const series = rows
    .map(({ model }) => ({
      model,
      points: memoryOverTime(faulted.filter((cell) => cell.fault === fault.id && cell.model === model)),
    }))
    .filter(({ points }) => points.length > 0)
  const all = series.flatMap(({ points }) => points)
  if (all.length === 0) return null
  const [first, last] = [Math.min(...all.map(({ x }) => x)), Math.max(1, ...all.map(({ x }) => x))]
  const highest = Math.max(...all.map(({ y }) => y))
  const seconds = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return figure({
    id,
    title: 'Memory',
    note: 'resident memory of all processes of a model',
    svg: linePlot(
      id,
      `Resident memory of each model around the fault; the table below has the figures.`,
      {
        x: linearScale([first, last], [LINE_FRAME.left, LINE_FRAME.right]),
        y: linearScale([0, highest], [LINE_FRAME.bottom, LINE_FRAME.top]),
        xLabel: 'seconds since the fault',
        yLabel: 'MiB',
        xFormat: tickLabel,
        yFormat: tickLabel,
        down: [{ x: 0, label: 'fault' }],
      },
      series.map(({ model, points }) => ({ name: model, look: looks.get(model) ?? lookOf(0), points })),
    ),
    table: {
      headings: ['model', ...seconds.map((second) => `${second} s`)],
      rows: series.map(({ model, points }) => [
        model,
        ...seconds.map((second) => {
          const point = points.find(({ x }) => x === second)
          return point === undefined ? '–' : formatBytes(point.y * 2 ** 20)
        }),
      ]),
    },
  })
}

/** Mean memory in MiB of each second since the injection. */
function memoryOverTime(cells: readonly FaultedCell[]): { x: number; y: number }[] {
  const bySecond = new Map<number, number[]>()
  for (const { atS, rssBytes } of cells.flatMap(({ memory = [] }) => memory)) {
    const x = Math.round(atS)
    bySecond.set(x, [...(bySecond.get(x) ?? []), rssBytes / 2 ** 20])
  }
  return [...bySecond]
    .map(([x, values]) => ({ x, y: mean(values) }))
    .filter(({ x }) => x >= -BEFORE_S)
    .toSorted((a, b) => a.x - b.x)
}

function answersOverTime(cells: readonly FaultedCell[]): { x: number; y: number }[] {
  const totals = new Map<number, { sent: number; ok: number }>()
  for (const { seconds, injection } of cells) {
    for (const { atS, sent, ok } of seconds) {
      if (sent === 0) continue
      const x = atS - Math.floor(injection.atS)
      const total = totals.get(x) ?? { sent: 0, ok: 0 }
      totals.set(x, { sent: total.sent + sent, ok: total.ok + ok })
    }
  }
  return [...totals]
    .map(([x, { sent, ok }]) => ({ x, y: (100 * ok) / sent }))
    .filter(({ x }) => x >= -BEFORE_S)
    .toSorted((a, b) => a.x - b.x)
}

function notesSection({ notes }: ResilienceResult): Section {
  return {
    id: 'notes',
    title: 'What to know',
    body: markup`<ul class="notes">${notes.map((note) => markup`<li>${prose(note)}</li>\n`)}</ul>`,
  }
}

function setupSection(result: ResilienceResult, manifest: ResilienceManifest): Section {
  const { machine } = manifest
  const facts: [string, string][] = [
    ['Machine', `${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)} (${machine.id})`],
    ['System', `${machine.platform}, ${machine.kernel}`],
    ['Node', machine.node],
    ['Forkwise', manifest.forkwiseVersion],
    ['Made', manifest.createdAt],
    ['Run', manifest.id],
    ['Seed', String(manifest.plan.seed)],
    ['Workers', String(manifest.plan.workers)],
  ]
  return {
    id: 'setup',
    title: 'What the faults were injected into, and how to do it again',
    short: 'Setup',
    body: markup`<div class="columns"><div><h3>Models</h3><dl class="models">${manifest.models.map(
      ({ id, title, tradeoff }) => markup`<dt>${id} <span class="note">${title}</span></dt><dd>${tradeoff}</dd>\n`,
    )}${result.unavailable.map(
      ({ model, reason, remedy }) =>
        markup`<dt>${model} <span class="note">cannot run here</span></dt><dd>${prose(reason)} ${prose(remedy)}</dd>\n`,
    )}</dl></div>
<div><h3>Machine and run</h3><dl class="facts">${facts.map(([term, fact]) => markup`<dt>${term}</dt><dd>${fact}</dd>\n`)}</dl>
<h3>Again</h3><pre tabindex="0"><code>${manifest.command}</code></pre></div></div>`,
  }
}
