import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../../core/errors.ts'
import { deriveSeed, seededRandom } from '../../../core/random.ts'
import { type CommandCall, CommandChild, type CommandEnd } from './command-child.ts'
import { type WholeFolder, writeWholeFolders } from './folders.ts'
import { HARMS, withoutChecksums } from './harms.ts'
import { TriedFolder } from './tried-folder.ts'

// Folders of every kind are harmed in every way, and read by every command that reads such folders. With checksums a
// command says the same as of the whole folder, or refuses; without them it may say something else, but never fails.

const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 7)
const KINDS = [
  'comparison',
  'resilience',
  'scale.json',
  'capacity.json',
  'plan.json',
  'validation.json',
  'lab',
  'timeline',
]
const OUTCOMES: readonly (number | null)[] = [EXIT.ok, EXIT.usage, EXIT.trial, EXIT.threshold]

type Call = (dir: string) => CommandCall

const root = mkdtempSync(join(os.tmpdir(), 'fwt-fuzz-'))
/** While one computes, another harms the next folder. */
const children = [new CommandChild(root), new CommandChild(root)] as const
let whole: Map<string, WholeFolder>

beforeAll(() => {
  whole = new Map(writeWholeFolders(join(root, 'whole')).map((folder) => [folder.kind, folder]))
})

afterAll(() => {
  for (const child of children) child.end()
  rmSync(root, { recursive: true, force: true })
})

test('every kind of folder is tried', () => {
  expect([...whole.keys()]).toEqual(KINDS)
})

describe.concurrent.each(KINDS)('%s', (kind) => {
  test('harmed with its checksums: the same result, or refused', async () => {
    const { calls, dir, isAsTrue = (said, right) => said === right } = folderOf(kind)
    const tried = new TriedFolder(dir, join(root, 'tried', kind, 'run'))
    const [child] = children
    const right = new Map<Call, CommandEnd>()
    for (const call of new Set(calls)) right.set(call, await child.run(call(tried.restore())))
    expect([...right.values()].filter(({ refused }) => refused === true)).toEqual([])
    const found = await faultsOf(child, kind, 'sealed', tried, (end, call) =>
      end.refused === true ? end.exitCode === EXIT.usage : isAsTrue(end.result, right.get(call)?.result ?? ''),
    )
    expect(found).toEqual([])
  })

  test('harmed without checksums: any result, or refused, but no other error', async () => {
    const bare = join(root, 'bare', kind)
    cpSync(folderOf(kind).dir, bare, { recursive: true })
    withoutChecksums(bare)
    const tried = new TriedFolder(bare, join(root, 'tried', `${kind}-bare`, 'run'))
    const found = await faultsOf(children[1], kind, 'bare', tried, (end) =>
      end.refused === true ? end.exitCode === EXIT.usage : OUTCOMES.includes(end.exitCode),
    )
    expect(found).toEqual([])
  })
})

/** Tries every harm so many times, each with another command; gives what ended badly, with how to see it again. */
async function faultsOf(
  child: CommandChild,
  kind: string,
  family: string,
  tried: TriedFolder,
  isGood: (end: CommandEnd, call: Call) => boolean,
): Promise<string[]> {
  const { calls, harmed = /./ } = folderOf(kind)
  const faults: string[] = []
  for (const [number, [name, harm]] of Object.entries(HARMS).entries()) {
    for (let round = 0; round < ROUNDS; round++) {
      const dir = tried.restore()
      const said = harm(dir, seededRandom(deriveSeed(SEED, kind, family, name, round)), harmed)
      const index = (number + round) % calls.length
      const call = calls[index]
      if (call === undefined) throw new Error('Expected a command that reads the folder.')
      const end = await child.run(call(dir))
      if (isGood(end, call)) continue
      faults.push(`${name} ${said} (round ${round}, command ${index}): ${end.exitCode}: ${end.result.slice(0, 700)}`)
    }
  }
  return faults
}

function folderOf(kind: string): WholeFolder {
  const folder = whole.get(kind)
  if (folder === undefined) throw new Error(`Expected a folder of ${kind}, got none.`)
  return folder
}
