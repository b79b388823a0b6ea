import type { Result } from '../../core/records.ts'
import type { RunDigest } from '../digest.ts'
import type { WorkloadFigures } from '../figures.ts'
import type { RecordedRun } from '../run.ts'
import { markup, type Markup } from './markup.ts'
import type { Look } from './palette.ts'

/** All that a section of the report draws from. */
export interface ReportContext {
  readonly result: Result
  readonly run: RecordedRun
  readonly digest: RunDigest
  readonly workloads: readonly WorkloadFigures[]
  readonly looks: ReadonlyMap<string, Look>
}

/** One section of the report; `null` instead where there is nothing to show. */
export interface Section {
  /** Its anchor, unique in the page. */
  readonly id: string
  readonly title: string
  /** Its name in the list of sections, where the title is long. */
  readonly short?: string
  /** True when it needs no more than half of a wide page, so that another one stands beside it. */
  readonly half?: true
  readonly body: Markup
}

/** The look of a model. */
export function lookFor({ looks }: Pick<ReportContext, 'looks'>, model: string): Look {
  return looks.get(model) ?? { classes: 's0 d0', dash: [], colour: 0 }
}

/** The models with their line as plots draw it. */
export function legend(looks: ReadonlyMap<string, Look>): Markup {
  return markup`<ul class="legend">${[...looks].map(
    ([model, look]) =>
      markup`<li><svg class="${look.classes}" width="34" height="10" viewBox="0 0 34 10" aria-hidden="true"><path class="line" d="M1 5H33"/></svg>${model}</li>`,
  )}</ul>\n`
}

/** An id for elements, from a name that may hold anything; `place` keeps two names apart that look alike. */
export function slug(name: string, place: number): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
  return `${plain}-${place + 1}`
}
