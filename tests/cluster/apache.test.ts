import { describe, expect, test } from 'vitest'
import { apacheConfig } from '../../cluster/apache.ts'
import type { OwnedLaunch } from '../../cluster/owned-launch.ts'

function config(host: string, graceS: number): string {
  const launch = { dir: '/tmp/a launch' } as OwnedLaunch
  const context = { host, port: 8123, size: { workers: 3, threads: 1 }, graceS, launch }
  return apacheConfig(context, '/tmp/a launch/apache', ['#1000', '#1001'])
}

describe('the configuration of Apache', () => {
  const text = config('127.0.0.1', 2.5)

  test('writes nothing outside of the launch, and quotes paths', () => {
    const written = [...text.matchAll(/^(?:ServerRoot|PidFile|DefaultRuntimeDir|ErrorLog|WSGISocketPrefix) (.*)$/gm)]
    expect(written).toHaveLength(5)
    for (const [, path] of written) expect(path).toMatch(/^"\/tmp\/a launch\/[^"]*"$/)
  })

  test.each([
    ['listens at the given address', 'Listen 127.0.0.1:8123'],
    ['names the account by number', 'User #1000\nGroup #1001'],
    ['has as many workers as asked for', 'WSGIDaemonProcess app processes=3 threads=4 '],
    ['rounds the grace up to whole seconds', 'GracefulShutdownTimeout 3\n'],
    ['uses no semaphores that outlive it', 'Mutex pthread\nWSGIAcceptMutex pthread\n'],
  ])('%s', (_, part) => expect(text).toContain(part))

  test('IPv6 addresses stand in brackets', () => expect(config('::1', 1)).toContain('Listen [::1]:8123\n'))
})
