import { keptTogether, markup, type Markup, type Part } from './markup.ts'

/** A plot with its words: what it shows, how to read it, and the same figures as a table. */
export interface FigureParts {
  /** Unique in the page. */
  readonly id: string
  readonly title: string
  /** How to read it, in a sentence or two. */
  readonly note?: Part
  readonly svg: Markup
  readonly table: DataTable
  /** True for plots that need the whole width and scroll sideways on narrow screens. */
  readonly wide?: boolean
  /** True for plots that need the whole width and take what there is of it. */
  readonly fluid?: boolean
  /** Name under which a script finds the series to make the plot zoomable. */
  readonly zoom?: string
}

/** Figures as rows; the first cell of each names it. */
export interface DataTable {
  readonly headings: readonly Part[]
  readonly rows: readonly (readonly Part[])[]
  /** Columns (from 0) that hold sentences and need room. */
  readonly sentences?: readonly number[]
  /** True where each row becomes a list on narrow screens, so that nothing has to be scrolled. */
  readonly stacks?: boolean
}

/** A figure element: caption, plot, and a table of the same data behind a disclosure. */
export function figure({ id, title, note, svg, table, wide, fluid, zoom }: FigureParts): Markup {
  const plot =
    wide === true
      ? markup`<div class="scroll" tabindex="0" role="region" aria-label="${title}: plot, scrolls sideways">${svg}</div>`
      : svg
  return markup`<figure id="${id}" class="${wide === true ? 'wide' : fluid === true ? 'fluid' : 'facet'}"${zoom === undefined ? '' : markup` data-zoom="${zoom}"`}>
<figcaption><strong>${title}</strong>${note === undefined ? '' : markup` <span class="note">${note}</span>`}</figcaption>
${plot}
<details class="data"><summary>Data<span class="hidden"> of ${title}</span></summary>${tableOf(table, title)}</details>
</figure>
`
}

/** A table that scrolls sideways by itself when it has no room. */
export function tableOf(
  { headings, rows, sentences, stacks }: DataTable,
  caption: string,
  classes: string = '',
): Markup {
  const part = (cell: Part): Part => (typeof cell === 'string' ? keptTogether(cell) : cell)
  const cellOf = (cell: Part, place: number): Markup => {
    const isSentence = sentences?.includes(place) === true
    const heading = stacks === true ? markup` data-heading="${headings[place]}"` : ''
    return markup`<td${isSentence ? markup` class="sentence"` : ''}${heading}>${part(cell)}</td>`
  }
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}: table"><table class="${stacks === true ? `${classes} stacks`.trimStart() : classes}">
<caption class="hidden">${caption}</caption>
<thead><tr>${headings.map((heading) => markup`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows.map(([name, ...cells]) => markup`<tr><th scope="row">${name}</th>${cells.map((cell, place) => cellOf(cell, place + 1))}</tr>\n`)}</tbody>
</table></div>`
}

/** An SVG of a given size that scales down with its column, with a name for those who cannot see it. */
export function plot(id: string, size: { width: number; height: number }, label: string, content: Part): Markup {
  return markup`<svg class="plot" id="${id}-plot" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="${label}">${content}</svg>`
}
