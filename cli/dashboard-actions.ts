import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { EXIT, ForkwiseError, messageOf, type ExitCode } from '../core/errors.ts'
import { quoted } from '../core/quotes.ts'
import { PACKAGE_ROOT } from '../core/paths.ts'
import { checkDashboards, type CheckOutcome } from '../dashboards/checks.ts'
import type { CheckContext, DashboardJson, Dashboards } from '../dashboards/checks/check.ts'
import { DASHBOARD_FOLDER, generatedFiles } from '../dashboards/generated-files.ts'
import { PrometheusApi } from '../loadtest/observation/prometheus-api.ts'
import { onPath } from '../loadtest/observation/prometheus.ts'
import { rehearse } from '../experiments/observation/rehearsal.ts'
import type { Invocation, StyleKind, Terminal } from './command.ts'

/** Default path of Grafana's schema, which is no part of the project. */
const SCHEMA_FILE = join(PACKAGE_ROOT, '..', 'shared', 'grafana', 'dashboard.jsonschema.json')

/** How far back a named Prometheus is asked, in ms. */
const LIVE_WINDOW_MS = 15 * 60_000

/** Outcome of the freshness check, which looks at files and not at dashboards. */
const FRESH = { id: 'fresh', title: 'the same as the code makes them' } as const

/** Writes what is not as the code makes it, and removes what no code makes; throws FOLDER_UNWRITABLE. */
export function buildDashboards({ terminal, json }: Invocation): ExitCode {
  const files = generatedFiles()
  const changed = [...files].filter(([path, text]) => currentText(path) !== text)
  const stale = strayFiles(files)
  try {
    for (const [path, text] of changed) {
      mkdirSync(dirname(join(PACKAGE_ROOT, path)), { recursive: true })
      writeFileSync(join(PACKAGE_ROOT, path), text)
    }
    for (const path of stale) rmSync(join(PACKAGE_ROOT, path))
  } catch (thrown) {
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected to be able to write below ${PACKAGE_ROOT}, got: ${messageOf(thrown)}.`,
      hint: 'Build in a checkout that belongs to you.',
    })
  }
  const written = changed.map(([path]) => path)
  const text =
    written.length + stale.length === 0
      ? `All ${files.size} files were up to date.`
      : [...written.map((path) => `wrote   ${path}`), ...stale.map((path) => `removed ${path}`)].join('\n')
  const result = { schema: 'forkwise/dashboards-build@1', files: [...files.keys()], written, removed: stale }
  terminal.result(json ? JSON.stringify(result, null, 2) : text)
  return EXIT.ok
}

/** Runs every check that can be run here, and says what they found; the exit code is that of a missed threshold. */
export async function checkBuiltDashboards({ values, terminal, json, signal }: Invocation): Promise<ExitCode> {
  const requireAll = process.env['FORKWISE_REQUIRE_ALL'] === '1'
  const context = checkContext(values)
  const checkAll = (all: CheckContext): Promise<CheckOutcome[]> => checkDashboards(builtDashboards(), all)
  const live = values['live'] === true || (requireAll && context.countSeries === null)
  const checked = live
    ? await rehearse(
        signal,
        (text) => terminal.note(terminal.style('faint', text)),
        ({ api, fromMs, toMs }) => checkAll({ ...context, countSeries: (expr) => api.countSeries(expr, fromMs, toMs) }),
      )
    : await checkAll(context)
  const outcomes = [freshness(), ...checked]
  const passed = outcomes.every(({ findings, skipped }) => findings.length === 0 && (skipped === null || !requireAll))
  const result = { schema: 'forkwise/dashboards-check@1', passed, checks: outcomes }
  terminal.result(json ? JSON.stringify(result, null, 2) : outcomesText(outcomes, requireAll, terminal))
  return passed ? EXIT.ok : EXIT.threshold
}

function freshness(): CheckOutcome {
  const files = generatedFiles()
  const stale = [...files].filter(([path, text]) => currentText(path) !== text).map(([path]) => path)
  const messages = [
    ...stale.map((path) => ({
      dashboard: path,
      message: 'It is not what the code makes; run `forkwise dashboards build`.',
    })),
    ...strayFiles(files).map((path) => ({
      dashboard: path,
      message: 'No code makes it; run `forkwise dashboards build`.',
    })),
  ]
  return { ...FRESH, skipped: null, findings: messages }
}

/** Files in the folder of dashboards that no dashboard makes any more. */
function strayFiles(files: ReadonlyMap<string, string>): string[] {
  const folder = join(PACKAGE_ROOT, DASHBOARD_FOLDER)
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.map((name) => `${DASHBOARD_FOLDER}/${name}`).filter((path) => !files.has(path))
}

function currentText(path: string): string | null {
  try {
    return readFileSync(join(PACKAGE_ROOT, path), 'utf8')
  } catch {
    return null
  }
}

function builtDashboards(): Dashboards {
  const texts = [...generatedFiles()].filter(([path]) => path.startsWith(DASHBOARD_FOLDER))
  return new Map(texts.map(([path, text]) => [basename(path, '.json'), JSON.parse(text) as DashboardJson]))
}

function checkContext(values: Invocation['values']): CheckContext {
  const prometheus = values['prometheus']
  return {
    schema: readSchema(values['schema']),
    checkRules: onPath('promtool') ? checkRulesWithPromtool : null,
    countSeries: typeof prometheus === 'string' ? seriesCounter(prometheus) : null,
  }
}

function readSchema(option: Invocation['values'][string]): object | null {
  const file = typeof option === 'string' ? option : SCHEMA_FILE
  if (typeof option !== 'string' && !existsSync(file)) return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object
  } catch (thrown) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--schema\` to be a JSON schema, got ${file}: ${messageOf(thrown)}.`,
    })
  }
}

async function checkRulesWithPromtool(rules: string): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'forkwise-rules-'))
  try {
    const file = join(folder, 'rules.yml')
    writeFileSync(file, rules)
    return await new Promise((resolve) => {
      execFile('promtool', ['check', 'rules', file], (error, _, stderr) => {
        resolve(error === null ? null : stderr.replaceAll(`${file}: `, '').replaceAll('FAILED:', '').trim())
      })
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function seriesCounter(address: string): (expr: string) => Promise<number> {
  if (!URL.canParse(address)) {
    throw new ForkwiseError('USAGE', { message: `Expected \`--prometheus\` to be an address, got ${quoted(address)}.` })
  }
  const api = new PrometheusApi(new URL(address))
  const nowMs = Date.now()
  return (expr) => api.countSeries(expr, nowMs - LIVE_WINDOW_MS, nowMs)
}

function outcomesText(outcomes: readonly CheckOutcome[], requireAll: boolean, terminal: Terminal): string {
  const style = (kind: StyleKind, text: string): string => terminal.style(kind, text)
  return outcomes
    .flatMap(({ title, skipped, findings }) => {
      if (skipped !== null) return [`${style(requireAll ? 'bad' : 'warn', 'skipped')}  ${title}: ${skipped}`]
      if (findings.length === 0) return [`${style('good', 'ok')}       ${title}`]
      return [
        `${style('bad', 'faults')}   ${title}`,
        ...findings.map(
          ({ dashboard, panel, message }) =>
            `         ${[dashboard, ...(panel === undefined ? [] : [`“${panel}”`])].join(' ')}: ${message}`,
        ),
      ]
    })
    .join('\n')
}
