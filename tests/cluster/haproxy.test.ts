import { describe, expect, test } from 'vitest'
import { haproxyConfiguration, type HaproxySpec } from '../../cluster/haproxy.ts'

const spec: HaproxySpec = {
  dir: '/private/haproxy',
  listen: '127.0.0.1:8080',
  upstreams: ['127.0.0.1:9001', '127.0.0.1:9002'],
  balancing: 'least-connections',
  graceS: 2.5,
}

describe('the configuration of HAProxy', () => {
  const text = haproxyConfiguration(spec)

  test.each([
    ['listens at the given address', 'bind 127.0.0.1:8080'],
    ['passes on to every process, by the names of the units', 'server worker-2 127.0.0.1:9002'],
    ['hides no failure by trying again', 'retries 0'],
    ['shares the connections to the processes among all clients', 'http-reuse always'],
    ['shows its statistics to nobody else', 'stats socket /private/haproxy/status.sock mode 600'],
    ['rounds the grace up to whole seconds', 'hard-stop-after 3s'],
    ['sends a request to the least busy process', 'balance leastconn'],
  ])('%s', (_, line) => expect(text).toContain(line))

  test('deals in turn when set to', () => {
    expect(haproxyConfiguration({ ...spec, balancing: 'round-robin' })).toContain('balance roundrobin')
  })
})
