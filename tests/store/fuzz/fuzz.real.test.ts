import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../../core/errors.ts'
import { deriveSeed, seededRandom } from '../../../core/random.ts'
import { type CommandCall, CommandChild, type CommandEnd } from './command-child.ts'
import { type WholeFolder, writeWholeFolders } from './folders.ts'
import { HARMS, withoutChecksums } from './harms.ts'

// Folders of every kind are harmed in every way, and read by every command that reads such folders. With checksums a
// command says the same as of the whole folder, or refuses; without them it may say something else, but never fails.

const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 9)
const KINDS = ['comparison', 'resilience', 'scale.json', 'capacity.json', 'plan.json', 'validation.json']
const OUTCOMES: readonly (number | null)[] = [EXIT.ok, EXIT.usage, EXIT.trial, EXIT.threshold]

const root = mkdtempSync(join(os.tmpdir(), 'fwt-fuzz-'))
const child = new CommandChild(root)
let whole: Map<string, WholeFolder>

beforeAll(() => {
  whole = new Map(writeWholeFolders(join(root, 'whole')).map((folder) => [folder.kind, folder]))
})

afterAll(() => {
  child.end()
  rmSync(root, { recursive: true, force: true })
})

test('every kind of folder is tried', () => {
  expect([...whole.keys()]).toEqual(KINDS)
})

describe.each(KINDS)('%s', (kind) => {
  test('harmed with its checksums: the same result, or refused', async () => {
    const { calls } = folderOf(kind)
    const right = await endsOf(calls, copyOf(kind))
    expect(right.filter(({ refused }) => refused === true)).toEqual([])
    const found = await faultsOf(
      kind,
      'sealed',
      (dir) => dir,
      (end, index) => (end.refused === true ? end.exitCode === EXIT.usage : end.result === right[index]?.result),
    )
    expect(found).toEqual([])
  })

  test('harmed without checksums: any result, or refused, but no other error', async () => {
    const found = await faultsOf(
      kind,
      'bare',
      (dir) => (withoutChecksums(dir), dir),
      (end) => (end.refused === true ? end.exitCode === EXIT.usage : OUTCOMES.includes(end.exitCode)),
    )
    expect(found).toEqual([])
  })
})

/** Tries every harm so many times, each with another command; gives what ended badly, with how to see it again. */
async function faultsOf(
  kind: string,
  family: string,
  prepare: (dir: string) => string,
  isGood: (end: CommandEnd, call: number) => boolean,
): Promise<string[]> {
  const { calls } = folderOf(kind)
  const faults: string[] = []
  for (const [number, [name, harm]] of Object.entries(HARMS).entries()) {
    for (let round = 0; round < ROUNDS; round++) {
      const dir = prepare(copyOf(kind))
      const said = harm(dir, seededRandom(deriveSeed(SEED, kind, family, name, round)))
      const index = (number + round) % calls.length
      const [end] = await endsOf(calls.slice(index, index + 1), dir)
      if (end === undefined || isGood(end, index)) continue
      faults.push(`${name} ${said} (round ${round}, command ${index}): ${end.exitCode}: ${end.result.slice(0, 700)}`)
    }
  }
  return faults
}

async function endsOf(calls: readonly ((dir: string) => CommandCall)[], dir: string): Promise<CommandEnd[]> {
  const ends: CommandEnd[] = []
  for (const call of calls) ends.push(await child.run(call(dir)))
  return ends
}

function folderOf(kind: string): WholeFolder {
  const folder = whole.get(kind)
  if (folder === undefined) throw new Error(`Expected a folder of ${kind}, got none.`)
  return folder
}

function copyOf(kind: string): string {
  const dir = join(root, 'tried', 'run')
  rmSync(dir, { recursive: true, force: true })
  cpSync(folderOf(kind).dir, dir, { recursive: true })
  return dir
}
