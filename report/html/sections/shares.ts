import { figureText, imbalance, shareFigure } from '../../figures.ts'
import { shareBars } from '../charts/shares.ts'
import { lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup } from '../markup.ts'

/** How the requests were spread over the workers. */
export function sharesSection(context: ReportContext): Section | null {
  const spread = context.workloads
    .map(({ workload, cells }) => ({
      workload,
      cells: cells.map(({ cell }) => cell).filter((cell) => cell.workerShare.length > 1),
    }))
    .filter(({ cells }) => cells.length > 0)
  if (spread.length === 0) return null
  return {
    id: 'shares',
    title: 'Who did the work',
    short: 'Workers',
    body: markup`<p class="lead">Each worker’s share of the requests, the busiest first, mean over blocks. Ticks stand where equal shares would end.</p>
<div class="facets">${spread.map(({ workload, cells }, place) => {
      const id = `shares-${slug(workload, place)}`
      return figure({
        id,
        title: workload,
        svg: shareBars(
          id,
          `Share of the requests of each worker under ${workload}; the table below has the figures.`,
          cells.map(({ model, workerShare }) => {
            const labels = workerShare.map((share) => figureText(shareFigure(share)))
            return {
              name: model,
              look: lookFor(context, model),
              shares: workerShare,
              labels,
              title: `${model}: ${labels.join(', ')}`,
            }
          }),
        ),
        table: {
          headings: ['model', 'shares', 'busiest above mean'],
          rows: cells.map(({ model, workerShare }) => [
            model,
            workerShare.map((share) => figureText(shareFigure(share))).join(', '),
            figureText(shareFigure(imbalance(workerShare) ?? 0)),
          ]),
        },
      })
    })}</div>`,
  }
}
