import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspectApp } from '../../cluster/app-inspection.ts'
import type { AppUnderTest } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { judgeModelsOnNodes } from '../../cluster/runnable.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { REQUIRE_ALL } from '../parts.ts'

const FRAMEWORKS = join(PACKAGE_ROOT, 'tests', 'fixtures', 'frameworks')
const NEST = join(FRAMEWORKS, 'nest', 'main.cjs')
const NEXT = join(FRAMEWORKS, 'next', '.next', 'standalone', 'server.js')

let dir: string
let session: Session
beforeAll(async () => {
  dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot: join(dir, 'state') })
})
afterAll(async () => {
  await session.close()
  rmSync(dir, { recursive: true, force: true })
})

/** What every address of a model answers; null where the model cannot run here. */
async function answersOf(id: string, app: AppUnderTest): Promise<readonly string[] | null> {
  const model = await findModel(id)
  const [judged] = await judgeModelsOnNodes([model], null, null)
  if (judged?.needs.length !== 0) return null
  const server = await startServer(model, {
    session,
    nodePath: judged.node.nodePath,
    size: { workers: 1, threads: 1 },
    app,
    metrics: true,
    upstreamUrl: 'http://127.0.0.1:1',
    signal: new AbortController().signal,
  })
  try {
    return await Promise.all(server.targets.map(async (at) => (await fetch(new URL('/orders/42', at))).text()))
  } finally {
    await server.stop(5)
  }
}

function requireSame(answers: readonly (readonly string[] | null)[]): void {
  expect(answers[0]).toEqual(['{"order":"42"}'])
  expect(new Set(answers.flatMap((each) => each ?? []))).toEqual(new Set(['{"order":"42"}']))
}

const missing = (isThere: boolean): string => (isThere ? '' : ' [needs npm run setup:frameworks]')

describe('frameworks that are installed apart', () => {
  const isNestThere = existsSync(join(FRAMEWORKS, 'nest', 'node_modules'))
  test.skipIf(!isNestThere && !REQUIRE_ALL)(
    `NestJS 11, compiled, answers the same under every model${missing(isNestThere)}`,
    async () => {
      const app = { module: NEST, ...(await inspectApp({ module: NEST }, process.execPath)).start }
      const models = ['single', 'cluster', 'pm2-fork', 'pm2-cluster', 'nginx-fork', 'reuse-port']
      const answers = []
      for (const id of models) answers.push(await answersOf(id, app))
      requireSame(answers)
    },
  )

  const isNextThere = existsSync(NEXT)
  test.skipIf(!isNextThere && !REQUIRE_ALL)(
    `Next.js standalone answers the same by --start${missing(isNextThere)}`,
    async () => {
      const app = { command: `HOSTNAME=127.0.0.1 node ${NEXT}` }
      const answers = []
      for (const id of ['single', 'pm2-fork', 'nginx-fork']) answers.push(await answersOf(id, app))
      requireSame(answers)
    },
  )
})
