import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readProcess } from '../../cluster/proc.ts'

const root = mkdtempSync(join(os.tmpdir(), 'fw-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test.each(['pm2-fork', 'pm2-cluster'])('%s: the daemon and its workers end by themselves', async (model) => {
  const script = new URL('../fixtures/servers/models-owner.mjs', import.meta.url).pathname
  const words = [script, join(root, model), 'http://127.0.0.1:9', `${model}=${process.execPath}`]
  const owner = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  owner.stdout.on('data', (data: Buffer) => {
    said += data.toString()
  })
  await expect.poll(() => said.endsWith('\n') || owner.exitCode !== null).toBe(true)
  const { pids } = JSON.parse(said) as { pids: number[] }
  expect(pids.length).toBeGreaterThanOrEqual(3)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const left = (): number[] => pids.filter((pid) => readProcess(pid)?.zombie === false)
  await expect.poll(left).toEqual([])
})
