// Replays the trace of a lab slowly: what has not happened yet is hidden, what lasts grows.
;(() => {
  const SLOWER = [10, 30, 100]

  for (const place of document.querySelectorAll('[data-replay]')) offerReplay(place)

  function offerReplay(place) {
    const plot = place.querySelector('.rows')
    if (plot === null) return
    const spanMs = Number(place.dataset.replay)
    const cursors = [...plot.querySelectorAll('.cursor')]
    const endPercent = Number(place.dataset.end)
    const marks = [...plot.querySelectorAll('[data-at]')].map((element) => ({
      element,
      at: Number(element.dataset.at),
      to: Number(element.dataset.to ?? element.dataset.at),
      width: element.getAttribute('width'),
    }))
    const controls = document.createElement('div')
    controls.className = 'replay'
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'Replay'
    const speed = document.createElement('select')
    speed.setAttribute('aria-label', 'How much slower than it was')
    for (const times of SLOWER) speed.append(new Option(`${times} × slower`, String(times)))
    const clock = document.createElement('span')
    clock.className = 'note'
    controls.append(button, speed, clock)
    place.prepend(controls)

    let frame = null
    let lastMs = 0
    let nowMs = 0
    button.addEventListener('click', () => (frame === null ? start() : stop()))

    function start() {
      nowMs = 0
      lastMs = performance.now()
      plot.classList.add('playing')
      button.textContent = 'Stop'
      frame = requestAnimationFrame(step)
    }

    function stop() {
      cancelAnimationFrame(frame)
      frame = null
      plot.classList.remove('playing')
      for (const { element, width } of marks) if (width !== null) element.setAttribute('width', width)
      button.textContent = 'Replay'
      clock.textContent = ''
    }

    function step(atMs) {
      nowMs += Math.max(0, atMs - lastMs) / Number(speed.value)
      lastMs = atMs
      if (nowMs > spanMs) return stop()
      draw()
      frame = requestAnimationFrame(step)
    }

    function draw() {
      const x = `${(nowMs / spanMs) * endPercent}%`
      for (const cursor of cursors) for (const end of ['x1', 'x2']) cursor.setAttribute(end, x)
      for (const { element, at, to, width } of marks) {
        element.classList.toggle('later', at > nowMs)
        if (width === null || at > nowMs) continue
        const share = to > at ? Math.min(1, (nowMs - at) / (to - at)) : 1
        element.setAttribute('width', `${Math.max(0.2, Number.parseFloat(width) * share)}%`)
      }
      clock.textContent = nowMs < 1000 ? `${Math.round(nowMs)} ms` : `${(nowMs / 1000).toFixed(2)} s`
    }
  }
})()
