import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { ALERTS } from '../../../dashboards/rules/alerts.ts'
import { RULE_FILE, RULE_TEST_FILE, ruleFile, ruleTestFile } from '../../../dashboards/rules/rule-files.ts'
import type { Alert } from '../../../dashboards/rules/rule.ts'
import { describeWith } from '../../parts.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'forkwise-rules-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function promtool(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: dir, encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

function testRules(alerts: readonly Alert[]): { status: number | null; text: string } {
  writeFileSync(join(dir, RULE_FILE), ruleFile(undefined, alerts))
  writeFileSync(join(dir, RULE_TEST_FILE), ruleTestFile(alerts))
  return promtool('test', 'rules', RULE_TEST_FILE)
}

describeWith(['promtool'], 'rules under promtool', () => {
  test('are well formed', () => {
    writeFileSync(join(dir, RULE_FILE), ruleFile())
    expect(promtool('check', 'rules', RULE_FILE)).toMatchObject({ status: 0 })
  })

  test('each alert fires for its one case and stays quiet in every second of the other', () => {
    const { status, text } = testRules(ALERTS)
    expect(text).not.toContain('FAILED')
    expect(status).toBe(0)
  })

  test('a case that does not fire, and one that does, are found out', () => {
    const blocked = ALERTS.find(({ name }) => name === 'EventLoopBlocked')
    if (blocked === undefined) throw new Error('EventLoopBlocked expected')
    const swapped: Alert = { ...blocked, firing: { ...blocked.firing, series: blocked.quiet.series } }
    expect(testRules([swapped])).toMatchObject({ status: 1 })
    const loud: Alert = { ...blocked, quiet: { ...blocked.quiet, series: blocked.firing.series } }
    expect(testRules([loud])).toMatchObject({ status: 1 })
  })
})

describeWith(['promtool'], 'the configuration for containers', () => {
  test('is one that Prometheus accepts', () => {
    cpSync(join(PACKAGE_ROOT, 'dashboards', 'compose', 'prometheus.yml'), join(dir, 'prometheus.yml'))
    writeFileSync(join(dir, RULE_FILE), ruleFile())
    expect(promtool('check', 'config', 'prometheus.yml')).toMatchObject({ status: 0 })
  })
})
