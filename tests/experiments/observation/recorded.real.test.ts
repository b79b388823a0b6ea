import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { observeRecorded } from '../../../experiments/observation/recorded.ts'
import { PrometheusApi } from '../../../loadtest/observation/prometheus-api.ts'
import { describeWith } from '../../parts.ts'

describeWith(['prometheus'], 'the committed run of faults in a Prometheus', () => {
  test('every panel is a link to a page that is there, with queries that it answers; the page goes with the run', async () => {
    const ending = new AbortController()
    const run = observeRecorded(join(PACKAGE_ROOT, 'docs', 'sample', 'resilience'), 0, ending.signal)
    let file = ''
    for await (const event of run) {
      if (event.type !== 'series-loaded') continue
      file = fileURLToPath(event.panels)
      const hrefs = [...readFileSync(file, 'utf8').matchAll(/href="([^"]*)"/g)].map(([, href = '']) =>
        href.replaceAll('&amp;', '&').replaceAll('&quot;', '"'),
      )
      expect(hrefs.length).toBeGreaterThan(40)
      expect((await fetch(hrefs[0] ?? '')).status).toBe(200)
      const api = new PrometheusApi(new URL(event.prometheus))
      let answered = 0
      for (const href of hrefs) {
        const { searchParams } = new URL(href)
        const exprs = [...searchParams].filter(([name]) => name.endsWith('.expr')).map(([, expr]) => expr)
        for (const expr of exprs) {
          const stepS = Math.max(1, (event.toMs - event.fromMs) / 60_000)
          if ((await api.range(expr, event.fromMs, event.toMs, stepS)).length > 0) answered++
        }
      }
      // Panels of generators, pools and comparisons have nothing to show of a run of faults.
      expect(answered).toBeGreaterThan(10)
      ending.abort()
    }
    expect((await run).samples).toBeGreaterThan(0)
    expect(existsSync(file)).toBe(false)
  })
})
