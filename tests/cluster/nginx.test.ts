import { describe, expect, test } from 'vitest'
import { nginxConfiguration, type ProxySpec } from '../../cluster/nginx.ts'

const spec: ProxySpec = {
  dir: '/private/nginx',
  listen: '127.0.0.1:8080',
  upstreams: ['127.0.0.1:9001', '127.0.0.1:9002'],
  balancing: 'round-robin',
  graceS: 2.5,
}

describe('the configuration of NGINX', () => {
  const text = nginxConfiguration(spec)

  test.each([
    ['listens at the given address', 'listen 127.0.0.1:8080;'],
    ['passes on to every process, and gives none up after a failure', 'server 127.0.0.1:9002 max_fails=0;'],
    ['hides no failure by asking another process', 'proxy_next_upstream off;'],
    ['keeps connections to the processes', 'proxy_set_header Connection "";'],
    ['lets its own processes share one turn', 'zone app '],
    ['rounds the grace up to whole seconds', 'worker_shutdown_timeout 3s;'],
  ])('%s', (_, line) => {
    expect(text).toContain(line)
  })

  test('writes nowhere but in its private folder', () => {
    const paths = [...text.matchAll(/(?:pid|_temp_path) (\S+);/g)].map(([, path]) => path)
    expect(paths).toHaveLength(6)
    for (const path of paths) expect(path).toMatch(/^\/private\/nginx\//)
  })

  test('chooses the least busy process only when set to', () => {
    expect(text).not.toContain('least_conn')
    expect(nginxConfiguration({ ...spec, balancing: 'least-connections' })).toContain('least_conn;')
  })
})
