import { spawnSync } from 'node:child_process'
import http from 'node:http'
import { expect } from 'vitest'
import { parseExposition } from '../../core/exposition.ts'
import { LABEL_VALUES, METRICS, type MetricKey } from '../../core/metrics.ts'
import type { Unit } from '../../core/unit.ts'
import { Bridge } from '../../loadtest/observation/bridge.ts'
import { scrape } from '../../loadtest/observation/scrape.ts'
import { bridgePath } from '../../loadtest/observation/targets.ts'
import { missingParts } from '../parts.ts'

/** Where promtool is installed, it has the last word on a unit's text. */
const PROMTOOL = missingParts(['promtool']).length === 0

/** What every unit shows is well formed, and known to the catalogue with its labels and their values. */
export async function expectCataloguedMetrics(units: readonly Unit[]): Promise<void> {
  const texts = await textsOf(units)
  expect(texts.length).toBeGreaterThan(0)
  for (const text of texts) {
    expect(parseExposition(text)).not.toEqual([])
    expect(strangeSeries(text)).toEqual([])
    if (!PROMTOOL) continue
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect(`${stdout}${stderr}`).toBe('')
    expect(status).toBe(0)
  }
}

/** What each unit shows itself, or the bridge for it. */
function textsOf(units: readonly Unit[]): Promise<string[]> {
  const bridge = new Bridge()
  bridge.watch(units)
  const urls = [...new Set(units.flatMap(({ metricsUrl }) => metricsUrl ?? []))]
  const bridged = units.filter(({ metricsUrl, thread }) => metricsUrl === undefined && thread === undefined)
  return Promise.all([
    ...urls.map((url) => textAt(new URL(url))),
    ...bridged.map(({ name }) => bridge.read(bridgePath(name))),
  ])
}

/** Many models at once make a machine busy: a unit is asked again before its silence counts. */
async function textAt(url: URL): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await scrape(url, new http.Agent())
    } catch (thrown) {
      if (tries === 5) throw thrown
    }
  }
}

/** Series that the catalogue does not know, each with the reason. */
function strangeSeries(text: string): string[] {
  const known = new Map(
    (Object.keys(METRICS) as MetricKey[]).flatMap((key) => {
      const { name, kind } = METRICS[key]
      const suffixes = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      return suffixes.map((suffix) => [`${name}${suffix}`, key] as const)
    }),
  )
  return parseExposition(text).flatMap(({ name, labels }) => {
    const key = known.get(name)
    if (key === undefined) return [`${name}: not in the catalogue`]
    return Object.entries(labels).flatMap(([label, value]) => {
      if (label === 'le' && name.endsWith('_bucket')) return []
      if (!METRICS[key].labels.includes(label)) return [`${name}: a label ${label}`]
      const values = LABEL_VALUES[key]?.[label]
      return values === undefined || values.includes(value) ? [] : [`${name}: ${label} is ${value}`]
    })
  })
}
