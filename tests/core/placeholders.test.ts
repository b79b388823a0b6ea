import { expect, test } from 'vitest'
import { placeholdersOf, withValues } from '../../core/placeholders.ts'

const request = {
  path: '/orders/{{id}}?by={{ name }}',
  headers: { 'content-type': 'application/json', authorization: 'Bearer {{token}}' },
  body: '{"name":"{{name}}","count":{{count}}}',
}

test('placeholders are found in the path, in headers and in the body', () => {
  expect([...placeholdersOf(request)]).toEqual(['id', 'name', 'token', 'count'])
  expect([...placeholdersOf({ path: '/{}{{}}{{1}}', body: 'e3t4fX0=', bodyEncoding: 'base64' })]).toEqual([])
})

test('a value is encoded for where it stands, and what has no value stays', () => {
  const values = { id: 'a/b', name: 'Ö "x"', count: '7' }
  const filled = withValues(request, values)
  expect(filled.path).toBe('/orders/a%2Fb?by=%C3%96%20%22x%22')
  expect(filled.headers.authorization).toBe('Bearer {{token}}')
  expect(JSON.parse(filled.body)).toEqual({ name: 'Ö "x"', count: 7 })
  const form = { path: '/', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'name={{name}}' }
  expect(withValues(form, values).body).toBe('name=%C3%96%20%22x%22')
  expect(withValues({ path: '/', body: '{{name}}' }, values).body).toBe('Ö "x"')
})

test('names of what every object has are no values', () => {
  expect(withValues({ path: '/{{constructor}}' }, {}).path).toBe('/{{constructor}}')
})

test('bytes are left alone', () => {
  const bytes = { path: '/', body: Buffer.from('{{id}}').toString('base64'), bodyEncoding: 'base64' as const }
  expect(withValues(bytes, { id: '1' })).toEqual(bytes)
})
