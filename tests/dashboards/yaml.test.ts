import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { toYaml } from '../../dashboards/yaml.ts'

test('nests lists and maps, quotes every string, and leaves out what is undefined', () => {
  const value = {
    plain: 'yes',
    'with space': "it's",
    lines: 'a\nb',
    count: 3,
    on: true,
    none: undefined,
    empty: [],
    nothing: {},
    list: [{ a: '1', b: ['x'] }, 'no', ['inner']],
    nested: { deep: { deeper: null } },
  }
  expect(parse(toYaml(value))).toEqual(JSON.parse(JSON.stringify(value)))
  expect(toYaml(value)).toBe(
    [
      "plain: 'yes'",
      "with space: 'it''s'",
      "lines: 'a",
      '',
      "  b'",
      'count: 3',
      'on: true',
      'empty: []',
      'nothing: {}',
      'list:',
      "  - a: '1'",
      '    b:',
      "      - 'x'",
      "  - 'no'",
      "  - - 'inner'",
      'nested:',
      '  deep:',
      '    deeper: null',
      '',
    ].join('\n'),
  )
})
