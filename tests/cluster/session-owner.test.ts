import { expect, test } from 'vitest'
import { describeOwner, ownerState, parseOwner, thisOwner } from '../../cluster/session-owner.ts'

const own = thisOwner()

test('the name of a folder says who owns it', () => {
  expect(parseOwner(describeOwner(own, 'abc123'))).toEqual(own)
})

test.each([
  ['this process is alive', describeOwner(own, 'ff'), 'alive'],
  ['a pid that belongs to a younger process is dead', describeOwner({ ...own, birth: 'zzz' }, 'ff'), 'dead'],
  ['a pid that nobody has is dead', describeOwner({ ...own, pid: 4_000_000 }, 'ff'), 'dead'],
  [
    'an owner from before the last start of the machine is told apart',
    describeOwner({ ...own, boot: '000000' }, 'ff'),
    'rebooted',
  ],
  ['an owner in another container is left alone', describeOwner({ ...own, pidSpace: '000000' }, 'ff'), 'unknown'],
  ['a folder that is no session is left alone', 'something-else', 'unknown'],
])('%s', (_, name, state) => {
  expect(ownerState(name)).toBe(state)
})
