import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askDrill, findRunningDrill, findRunningDrills } from '../../../experiments/drill/control-client.ts'
import { CONTROL_FILES, openControl } from '../../../experiments/drill/control.ts'
import { madeUpDesk, type MadeUpDesk } from './made-up-drill.ts'

let root = ''
const open: { close(): void }[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'forkwise-control-'))
})

afterEach(() => {
  for (const control of open.splice(0)) control.close()
  rmSync(root, { recursive: true, force: true })
})

async function begin(
  id: string,
  made: MadeUpDesk = madeUpDesk(),
): Promise<{ dir: string; control: { close(): void } }> {
  const dir = join(root, id)
  mkdirSync(dir, { mode: 0o700 })
  const control = await openControl(dir, { drill: 'made-up', id }, made.desk)
  open.push(control)
  return { dir, control }
}

test('the only drill that runs is found, and does what it is asked', async () => {
  const made = madeUpDesk()
  await begin('one', made)
  const drill = await findRunningDrill(null, root)
  expect(drill).toMatchObject({ drill: 'made-up', id: 'one', pid: process.pid })
  await expect(askDrill(drill, { ask: 'do', lever: 'workers', value: '4' })).resolves.toEqual({ text: 'it is 4' })
  await expect(askDrill(drill, { ask: 'status' })).resolves.toMatchObject({
    title: 'A made-up drill',
    levers: [
      { id: 'workers', now: '4' },
      { id: 'reload', now: null },
    ],
  })
  await expect(askDrill(drill, { ask: 'hint' })).resolves.toEqual({ number: 1, text: 'first' })
  await askDrill(drill, { ask: 'acknowledge' })
  await askDrill(drill, { ask: 'diagnose', answers: { cause: 'this' } })
  await askDrill(drill, { ask: 'give-up' })
  expect(made.desk.ended).toBe('given-up')
  expect(made.acts.map(({ kind }) => kind)).toEqual(['lever', 'hint', 'acknowledged', 'diagnosed'])
})

test('what is refused is refused with the code and the words of the drill', async () => {
  await begin('one')
  const drill = await findRunningDrill(null, root)
  await expect(askDrill(drill, { ask: 'do', lever: 'wrokers', value: '4' })).rejects.toMatchObject({
    code: 'UNKNOWN_NAME',
  })
  await expect(askDrill(drill, { ask: 'do', lever: 'workers', value: '99' })).rejects.toMatchObject({ code: 'USAGE' })
  await expect(askDrill(drill, { ask: 'dance' } as never)).rejects.toMatchObject({ code: 'USAGE' })
})

test('nobody but the owner can reach it', async () => {
  const { dir } = await begin('one')
  expect(statSync(join(dir, CONTROL_FILES.socket)).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, CONTROL_FILES.facts)).mode & 0o777).toBe(0o600)
})

test('of two drills each can be named', async () => {
  const [first, second] = [madeUpDesk(), madeUpDesk()]
  await begin('one', first)
  await begin('two', second)
  await expect(findRunningDrill(null, root)).rejects.toMatchObject({
    code: 'USAGE',
    problems: [{ hint: expect.stringContaining('one, two') }],
  })
  await expect(findRunningDrill('made-up', root)).rejects.toThrow('2 run')
  await askDrill(await findRunningDrill('two', root), { ask: 'do', lever: 'workers', value: '7' })
  expect([first.pulled, second.pulled]).toEqual([[], ['7']])
})

test('one that is over, or was killed, is not found', async () => {
  await expect(findRunningDrill(null, root)).rejects.toThrow('got none')
  const { control } = await begin('one')
  const drill = await findRunningDrill(null, root)
  control.close()
  expect(await findRunningDrills(root)).toEqual([])
  await expect(askDrill(drill, { ask: 'status' })).rejects.toThrow('is over')
})

test('what is no request is answered as that', async () => {
  const { dir } = await begin('one')
  const socket = net.connect(join(dir, CONTROL_FILES.socket))
  socket.write('hello\n')
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
  socket.destroy()
  expect(JSON.parse(answer)).toMatchObject({ ok: false, code: 'USAGE' })
})
