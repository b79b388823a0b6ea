import { expect, test } from 'vitest'
import { judgeModelsOnNodes, needsEnvironment, otherNodes } from '../../cluster/runnable.ts'
import type { NeedsEnvironment, ServerModel } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { findTool } from '../../cluster/tools.ts'

const newer = findTool('node/bin/node')
const single = await findModel('single')

/** A model that lacks something unless the Node's major version is at least that. */
function wanting(major: number): ServerModel {
  const needs = ({ nodeVersion }: NeedsEnvironment): Promise<{ what: string; remedy: string }[]> =>
    Promise.resolve(nodeVersion[0] >= major ? [] : [{ what: `Node ${major}`, remedy: 'Get it.' }])
  return { ...single, id: `wants-${major}`, needs }
}

test('a Node that is named runs them all, or says what they lack', async () => {
  const judged = await judgeModelsOnNodes([single, wanting(99)], process.execPath, null)
  expect(judged.map(({ node }) => node.nodePath)).toEqual([process.execPath, process.execPath])
  expect(judged.map(({ needs }) => needs.length)).toEqual([0, 1])
})

const runsNode24 = Number.parseInt(process.versions.node, 10) >= 24
test.skipIf(runsNode24 || (newer === null && process.env['FORKWISE_REQUIRE_ALL'] !== '1'))(
  'without one, what needs Node 24 runs on that of forkwise setup and nothing else does [needs npx forkwise setup]',
  async () => {
    const judged = await judgeModelsOnNodes([single, wanting(24), wanting(99)], null, null)
    expect(judged.map(({ node }) => node.nodePath)).toEqual([process.execPath, newer, process.execPath])
    expect(otherNodes(judged, needsEnvironment(null))).toEqual({ 'wants-24': newer })
    expect(judged.map(({ needs }) => needs.length)).toEqual([0, 0, 1])
  },
)

test('a plan keeps no other Node when there is none', async () => {
  const judged = await judgeModelsOnNodes([single], null, null)
  expect(otherNodes(judged, needsEnvironment(null))).toBeUndefined()
})
