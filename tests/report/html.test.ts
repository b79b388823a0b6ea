import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { renderHtml } from '../../report/html/report.ts'
import { fixtureRun, recordedRun } from './fixture-run.ts'

const full = fixtureRun(7)
const html = renderHtml(full.result, recordedRun(full))

test('a default run fits in 300 KB', () => {
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(300_000)
})

test('the policy lets nothing load and nothing run but the style and scripts of the page itself', () => {
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]?.replaceAll('&#39;', "'") ?? ''
  const hashes = (tag: string): string[] =>
    [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))].map(
      ([, body]) =>
        `'sha256-${createHash('sha256')
          .update(body ?? '')
          .digest('base64')}'`,
    )
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `style-src ${hashes('style').join(' ')}`,
    `script-src ${hashes('script').join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ])
  expect(hashes('style')).toHaveLength(1)
  expect(hashes('script')).toHaveLength(2)
})

test('it refers to nothing outside itself, and has no inline style that the policy would drop', () => {
  const body = withoutAssets(html)
  const links = [...body.matchAll(/\s(?:href|src|xlink:href|action|data)="([^"]*)"/g)].map((match) => match[1])
  expect(links.length).toBeGreaterThan(5)
  for (const link of links) expect(link).toMatch(/^#/)
  expect(body).not.toMatch(/https?:|@import|<link|\sstyle="|\son\w+="/)
})

test('ids are unique, and whatever points at one finds it', () => {
  const body = withoutAssets(html)
  const ids = [...body.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1] as string)
  expect(new Set(ids).size).toBe(ids.length)
  const pointed = [...body.matchAll(/(?:aria-labelledby="|href="#|url\(#|data-zoom=")([^")]+)/g)].map(
    (match) => match[1],
  )
  expect(pointed.length).toBeGreaterThan(14)
  for (const target of pointed) expect(ids).toContain(target)
})

test('every plot has a name, and the same data as a table beside it', () => {
  const figures = [...html.matchAll(/<figure [^]*?<\/figure>/g)].map(([figure]) => figure)
  expect(figures.length).toBeGreaterThan(14)
  for (const figure of figures) {
    expect(figure).toMatch(/<svg class="plot"[^>]* role="img" aria-label="[^"]{20,}"/)
    expect(figure).toMatch(/<details class="data">[^]*<caption[^]*<th scope="row">/)
  }
})

test('values from a result file are text, whatever they hold', () => {
  const evil = '<img src=x onerror=alert(1)>"\'&</script><script>alert(2)</script>'
  const rename = <T extends { model: string }>(of: T): T => (of.model === 'cluster' ? { ...of, model: evil } : of)
  const { manifest } = full
  const run = {
    ...recordedRun(full),
    trials: full.trials.map(rename),
    manifest: {
      ...manifest,
      command: evil,
      plan: { ...manifest.plan, models: manifest.plan.models.map((id) => (id === 'cluster' ? evil : id)), app: evil },
      models: manifest.models.map((model) => ({ ...model, id: evil, title: evil, tradeoff: evil })),
      workloads: manifest.workloads.map((workload) => ({ ...workload, title: evil, summary: evil })),
    },
  }
  const result = {
    ...full.result,
    summary: [`${evil} wins; \`${evil}\` too`],
    cells: full.result.cells.map((cell) => ({
      ...rename(cell),
      bottleneck: { limit: 'workers' as const, because: evil },
    })),
    verdicts: full.result.verdicts.map((verdict) => ({ ...verdict, candidate: evil, because: evil })),
    unavailable: [{ model: evil, reason: evil, remedy: evil }],
    validity: { ...full.result.validity, notes: [evil], trialsFailed: [{ id: evil, message: evil }] },
  }
  const page = withoutAssets(renderHtml(result, run))
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;&lt;/script&gt;')
  expect(page).not.toContain('<img')
  expect(page).not.toMatch(/<script>alert|"'&<\/script>/)
  const tags = new Set([...page.matchAll(/<([a-z][\w-]*)/gi)].map((match) => (match[1] as string).toLowerCase()))
  const ours = new Set(
    [...withoutAssets(html).matchAll(/<([a-z][\w-]*)/gi)].map((match) => (match[1] as string).toLowerCase()),
  )
  expect([...tags].filter((tag) => !ours.has(tag))).toEqual([])
})

test('a pilot and withheld verdicts are said before anything else', () => {
  const pilot = fixtureRun(7, { kind: 'pilot', samples: 50 })
  const page = renderHtml(pilot.result, recordedRun(pilot))
  expect(page).toContain('<title>Pilot: ')
  expect(page.indexOf('A pilot.')).toBeLessThan(page.indexOf('class="sentences"'))
  const validity = { ...full.result.validity, withheld: ['cpu'] }
  expect(renderHtml({ ...full.result, validity }, recordedRun(full))).toContain('Verdicts on cpu are withheld.')
})

test('a result without figures, trials or blocks is still a page', () => {
  const cells = full.result.cells.map((cell) => ({
    ...cell,
    throughputRps: null,
    cpuMsPerRequest: null,
    latencyMs: null,
    routes: [],
    workerShare: [],
  }))
  const run = { ...recordedRun(full), trials: [], blocks: [], pilot: null }
  for (const empty of [
    { ...full.result, cells, verdicts: [] },
    { ...full.result, cells: [], verdicts: [] },
  ]) {
    const page = withoutAssets(renderHtml(empty, run))
    expect(page).toContain('<h2 id="verdict-title">')
    expect(page).not.toMatch(/NaN|undefined|Infinity|null/)
  }
})

test('figures of a single block, which nothing bounds, are drawn all the same', () => {
  const one = fixtureRun(7, { blocks: 1, samples: 50 })
  const page = withoutAssets(renderHtml(one.result, recordedRun(one)))
  expect(page).toMatch(/<td>\d[\d.,]*\/s \(–\)<\/td>/)
  expect(page).not.toMatch(/NaN|undefined|Infinity|∞|e\+\d/)
})

/** The page without the style and the scripts, which hold no values. */
function withoutAssets(page: string): string {
  return page.replaceAll(/<(style|script)>[^]*?<\/\1>/g, '')
}
