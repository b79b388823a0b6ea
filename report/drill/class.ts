import type { DrillResult } from '../../core/drill-record.ts'
import { tableOf } from '../html/figure.ts'
import { type LeftOut, leftOutSections } from '../html/left-out.ts'
import { markup, type Markup } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'
import { actText, endSentence, seconds } from './wording.ts'

/** One trainee's run of a drill. */
export interface TraineeRun {
  /** How the trainee is called: the name of the folder. */
  readonly trainee: string
  readonly result: DrillResult
}

/** One drill of a class. */
export interface ClassDrill {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly runs: readonly TraineeRun[]
}

/** The runs of a class by drill, in their order. */
export function classDrills(runs: readonly TraineeRun[]): ClassDrill[] {
  const ids = [...new Set(runs.map(({ result }) => result.manifest.drill))]
  return ids
    .flatMap((id) => {
      const own = runs.filter(({ result }) => result.manifest.drill === id)
      const first = own[0]?.result
      return first === undefined ? [] : [{ id, number: first.number, title: first.title, runs: own }]
    })
    .toSorted((a, b) => a.number - b.number)
}

/** A class in a terminal: how each trainee did. */
export function renderDrillClassText(drills: readonly ClassDrill[], options: TextOptions): string {
  const width = Math.min(options.columns, 100)
  return [
    ...drills.map(({ number, title, runs }) =>
      [
        options.style('strong', `Drill ${number}: ${title}`),
        ...runs.flatMap(({ trainee, result }) => wrapText(`  ${trainee}: ${summaryOf(result)}`, width)),
      ].join('\n'),
    ),
    ...(options.folder === undefined ? [] : [`The page: ${options.folder}`]),
  ].join('\n\n')
}

function summaryOf(result: DrillResult): string {
  const { score } = result
  const points = score.points === null ? '' : ` ${score.points} points.`
  return `${endSentence(result)}${points} Diagnosis ${score.right} of ${score.questions}, hints ${score.hints}.`
}

/** A class on one page: times, costs, diagnoses and what was tried, drill by drill. */
export function renderDrillClassHtml(drills: readonly ClassDrill[], leftOut: readonly LeftOut[] = []): string {
  const trainees = new Set(drills.flatMap(({ runs }) => runs.map(({ trainee }) => trainee)))
  return renderPage({
    title: 'How the class did',
    kicker: `Forkwise · ${trainees.size} trainees · ${drills.length} ${drills.length === 1 ? 'drill' : 'drills'}`,
    sections: [
      ...drills.map((drill) => ({
        id: `drill-${drill.id}`,
        title: `Drill ${drill.number}: ${drill.title}`,
        short: `${drill.number} ${drill.id}`,
        body: drillBody(drill),
      })),
      ...leftOutSections(leftOut),
    ],
    foot: 'Made by Forkwise from the results folders of the trainees.',
  })
}

function drillBody({ runs, title }: ClassDrill): Markup {
  const time = (value: number | null): string => (value === null ? '–' : seconds(value))
  return markup`${tableOf(
    {
      headings: ['trainee', 'end', 'points', 'seen', 'named', 'mended', 'lost', 'late', 'diagnosis', 'hints', 'tried'],
      rows: runs.map(({ trainee, result: { end, score, acts } }) => [
        trainee,
        end,
        score.points === null ? '–' : String(score.points),
        time(score.detectS),
        time(score.nameS),
        time(score.mendS),
        String(score.costs.lost),
        String(score.costs.late),
        `${score.right} of ${score.questions}`,
        String(score.hints),
        acts
          .filter(({ kind }) => kind === 'lever')
          .map(actText)
          .join('; '),
      ]),
      sentences: [10],
    },
    `How the class did in ${title}`,
  )}`
}
