import type { Result } from '../../core/records.ts'
import type { AssertionOutcome } from '../assertion-outcome.ts'
import { digestRun } from '../digest.ts'
import { workloadFigures } from '../figures.ts'
import type { RecordedRun } from '../run.ts'
import type { ReportContext, Section } from './context.ts'
import { renderPage } from './page.ts'
import { looksOf } from './palette.ts'
import { comparisonsSection } from './sections/comparisons.ts'
import { interferenceSection } from './sections/interference.ts'
import { latencySection } from './sections/latency.ts'
import { cpuSection, throughputSection } from './sections/measures.ts'
import { setupSection } from './sections/setup.ts'
import { answersSection } from './sections/answers.ts'
import { sharesSection } from './sections/shares.ts'
import { timelineSection } from './sections/timeline.ts'
import { thresholdsSection } from './sections/thresholds.ts'
import { trustSection } from './sections/trust.ts'
import { timelineItems, unitsSection } from './sections/units.ts'
import { verdictSection } from './sections/verdict.ts'

/** Sections with a plot or table for each workload. */
const BY_WORKLOAD: readonly string[] = [
  'verdict',
  'throughput',
  'cpu',
  'latency',
  'interference',
  'shares',
  'comparisons',
]

/** The report of a run as one HTML file that needs nothing else: report.html. */
export function renderHtml(
  result: Result,
  run: RecordedRun,
  extras: { readonly outcomes?: readonly AssertionOutcome[] } = {},
): string {
  const context: ReportContext = {
    result,
    run,
    digest: digestRun(run),
    workloads: workloadFigures(result),
    looks: looksOf(result),
  }
  const sections = [
    verdictSection(context),
    thresholdsSection(extras.outcomes ?? []),
    throughputSection(context),
    cpuSection(context),
    latencySection(context),
    interferenceSection(context),
    sharesSection(context),
    answersSection(context),
    comparisonsSection(context),
    timelineSection(context),
    unitsSection(timelineItems(run.dir)),
    trustSection(context),
    setupSection(context),
  ].filter((section): section is Section => section !== null)
  const { manifest } = run
  return renderPage({
    title: `${result.kind === 'pilot' ? 'Pilot: ' : ''}${listOf([...context.looks.keys()])} compared`,
    kicker: `Forkwise · run ${result.id} · ${manifest.createdAt.slice(0, 10)} · ${result.machine.cpu}, ${result.machine.cores} cores · Node ${result.machine.node}`,
    sections: context.workloads.length === 1 ? sections.map(besideAnother) : sections,
    foot: `Made by Forkwise ${manifest.forkwiseVersion} from the results folder ${result.id}.`,
  })
}

/** Of one workload there is one plot, which would leave most of a wide page empty. */
function besideAnother(section: Section): Section {
  return BY_WORKLOAD.includes(section.id) ? { ...section, half: true } : section
}

function listOf(names: readonly string[]): string {
  if (names.length > 6) return `${names.length} server models`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
