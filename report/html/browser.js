// What the page can do beyond being read: zoomable series, and open tables when it is printed.
;(() => {
  const words = { rate: 'answers per second', tail: 'p99, ms' }

  for (const figure of document.querySelectorAll('[data-zoom]')) {
    const block = document.getElementById(figure.dataset.zoom)
    if (block !== null) offerZoom(figure, JSON.parse(block.textContent))
  }

  let opened = []
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')]
    for (const details of opened) details.open = true
  })
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false
  })

  /** Puts a button above the plot that swaps it for one to zoom in, and back. */
  function offerZoom(figure, series) {
    const still = figure.querySelector('.scroll')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'zoom'
    button.textContent = 'Zoom in'
    button.setAttribute('aria-expanded', 'false')
    still.before(button)
    let moving = null
    button.addEventListener('click', () => {
      if (moving === null) {
        moving = document.createElement('div')
        moving.className = 'zoomed'
        still.before(moving)
        still.hidden = true
        figure.dataset.zoomed = ''
        drawSeries(moving, series)
      } else {
        moving.remove()
        moving = null
        still.hidden = false
        delete figure.dataset.zoomed
      }
      button.textContent = moving === null ? 'Zoom in' : 'Back to the still plot'
      button.setAttribute('aria-expanded', String(moving !== null))
    })
  }

  /** Two plots with one cursor: drag to zoom, double click to see all again. */
  function drawSeries(place, { models }) {
    const hint = document.createElement('p')
    hint.className = 'note'
    hint.textContent = 'Drag over a part to zoom into it; double click to see all again.'
    place.append(hint)
    const css = getComputedStyle(document.documentElement)
    const colour = (name) => css.getPropertyValue(name).trim()
    const data = uPlot.join(
      models.map(({ seconds }) => [
        seconds.map((second) => second[0]),
        seconds.map((second) => second[1]),
        seconds.map((second) => second[2]),
      ]),
    )
    for (const [index, kind] of ['rate', 'tail'].entries()) {
      const values = [data[0], ...models.map((_, model) => data[1 + model * 2 + index])]
      const axis = { stroke: colour('--soft'), grid: { stroke: colour('--grid') }, ticks: { stroke: colour('--grid') } }
      const plot = new uPlot(
        {
          width: place.clientWidth,
          height: 260,
          title: words[kind],
          cursor: { sync: { key: 'timeline' } },
          scales: { x: { time: false }, y: { distr: 3 } },
          axes: [
            { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
            { ...axis, size: 70 },
          ],
          series: [
            { label: 'seconds' },
            ...models.map(({ model, colour: number, dash }) => ({
              label: model,
              stroke: colour(`--s${number}`),
              width: 1.5,
              dash,
              points: { show: true, size: 4, fill: colour(`--s${number}`) },
            })),
          ],
        },
        values.map((list, row) => (row === 0 ? list : Array.from(list, (value) => (value > 0 ? value : null)))),
        place,
      )
      addEventListener('resize', () => plot.setSize({ width: place.clientWidth, height: 260 }))
    }
  }
})()
