import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { debianPackages, installPackages } from '../../../cli/setup/debian-packages.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { ForkwiseError } from '../../../core/errors.ts'

/** Of every Debian system, or brought by the packages that need it. */
const BASE = ['python3', 'util-linux']

/** Debian packages that the sources of `cluster` name as what a model lacks. */
function packagesOfModels(): string[] {
  const folder = join(PACKAGE_ROOT, 'cluster')
  const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
  const named = texts.flatMap((text) => [
    ...text.matchAll(/debianPackage: '([a-z0-9.+-]+)'/g),
    ...text.matchAll(/needProgram\('[^']+', '([a-z0-9.+-]+)'\)/g),
  ])
  return [...new Set(named.map(([, name = '']) => name))]
}

describe('Debian packages', () => {
  test('are all that a model can lack', () => {
    const named = packagesOfModels()
    expect(named).toEqual(expect.arrayContaining(['nginx-light', 'gunicorn', 'redis-server']))
    expect(debianPackages({ tests: false })).toEqual(
      expect.arrayContaining(named.filter((name) => !BASE.includes(name))),
    )
  })

  test('for the tests are left to a checkout', () => {
    expect(debianPackages({ tests: false })).not.toContain('chromium')
    expect(debianPackages({ tests: true })).toEqual(expect.arrayContaining(['chromium', 'zsh', 'nginx-light']))
  })

  test('without apt-get are named, to be installed by other means', async () => {
    const thrown: unknown = await installPackages(['nginx-light', 'wrk'], '').catch((error: unknown) => error)
    if (!(thrown instanceof ForkwiseError)) throw new Error('Expected a ForkwiseError.')
    expect(thrown.code).toBe('PART_MISSING')
    expect(thrown.problems[0]?.hint).toContain('nginx-light wrk')
  })
})
