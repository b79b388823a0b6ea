import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { RUN_JOB, UNIT_JOB } from '../../../loadtest/observation/targets.ts'
import { RUN_TARGETS_FILE, UNIT_TARGETS_FILE } from '../../../loadtest/observation/prometheus-config.ts'

const FOLDER = join(PACKAGE_ROOT, 'dashboards', 'compose')

function textOf(path: string): string {
  return readFileSync(join(FOLDER, path), 'utf8')
}

test('Grafana is configured for readings that are one second apart', () => {
  expect(textOf('provisioning/datasources/forkwise.yaml')).toMatch(/^ {6}timeInterval: 1s$/m)
})

test('every file that the containers are given exists', () => {
  const mounts = [...textOf('compose.yaml').matchAll(/^ +- (\.\.?\/[^:]+):\/[^:]+(?::ro)?$/gm)].map(
    (match) => match[1] ?? '',
  )
  expect(mounts.length).toBe(5)
  for (const path of mounts) expect(existsSync(join(FOLDER, path)), path).toBe(true)
})

test('images are pinned, and everything listens on 127.0.0.1', () => {
  const compose = textOf('compose.yaml')
  expect(compose.match(/image: \S+:v?\d+\.\d+\.\d+$/gm)).toHaveLength(3)
  expect(compose).not.toContain('ports:')
  expect(compose.match(/127\.0\.0\.1(:\d+)?$/gm)?.length).toBeGreaterThanOrEqual(3)
})

test('Prometheus reads the files that Forkwise writes, under the same jobs', () => {
  const config = textOf('prometheus.yml')
  for (const [job, file] of [
    [UNIT_JOB, UNIT_TARGETS_FILE],
    [RUN_JOB, RUN_TARGETS_FILE],
  ]) {
    expect(config).toContain(`job_name: ${job}\n`)
    expect(config).toContain(`targets/${file}`)
  }
})
