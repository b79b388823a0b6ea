import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { EXIT, type ExitCode, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import type { Claim } from '../../experiments/claims/claim.ts'
import { loadClaims } from '../../experiments/claims/claims.ts'
import { type ClaimFile, claimOptions, readClaim } from '../../experiments/claims/read-claim.ts'
import { prepareComparison } from '../../experiments/comparison/prepare.ts'
import { CLAIM } from '../../experiments/options/sets/claim.ts'
import { COMPARE } from '../../experiments/options/sets/comparison.ts'
import { oddityOf } from '../../store/regular-file.ts'
import type { Command, Invocation } from '../command.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { compareAndReport } from '../comparison.ts'
import { loadValue } from '../config/config-file.ts'
import { LIVE_OPTIONS, noteUnusedLive } from '../live-option.ts'
import { lineOptions, wordsToOptions } from '../option-words.ts'

/** `forkwise claim`: a statement about server models, tried here. */
export const command: Command = {
  name: 'claim',
  summary: 'Try a statement about server models on this machine: confirmed, refuted or undecided.',
  positionals: '[NAME | FILE]',
  arity: [0, 1],
  description:
    'A claim is data: a sentence, a comparison, and thresholds that hold if the sentence is true. Some come with ' +
    'Forkwise; without a name they are listed. A file (.json, .js or .ts) has { claim, source, compare, holds }: ' +
    'compare takes the options of `compare`, holds the thresholds of --assert. Exit code 5 when the claim is refuted or ' +
    'undecided, 4 when other programs left no trial to judge it by.',
  options: [...lineOptions(CLAIM), ...LIVE_OPTIONS],
  examples: [
    { line: 'forkwise claim', meaning: 'The claims that come with Forkwise.' },
    { line: 'forkwise claim reuse-port --quick', meaning: 'One of them, in under three minutes.' },
    { line: 'forkwise claim ./our-claim.json --budget 10m', meaning: 'A claim of your own about your own app.' },
  ],
  json: true,
  async run(invocation) {
    const [name] = invocation.positionals
    const problems = new ProblemList()
    if (name === undefined) {
      noteUnusedLive('claim', 'without a name nothing is run', invocation.values, problems)
      problems.throwIfAny('USAGE')
      return listClaims(invocation)
    }
    const { claim, file } = await findClaim(name, problems)
    const words = wordsToOptions(CLAIM, invocation, problems)
    if (claim === null) {
      problems.throwIfAny('USAGE')
      return EXIT.usage
    }
    const given = words.before(claimOptions(claim, file), COMPARE)
    const { signal, terminal, line } = invocation
    terminal.note(`${terminal.style('strong', 'Claim:')} ${claim.claim}`)
    const prepared = await prepareComparison(given, (seed) => reproducingCommand(line, seed), problems, {
      signal,
      onProgress: (text) => terminal.note(text),
    })
    return compareAndReport(prepared, invocation, claim)
  },
}

async function listClaims({ terminal, json }: Invocation): Promise<ExitCode> {
  const claims = await loadClaims()
  terminal.result(
    json
      ? JSON.stringify({ schema: 'forkwise/claims@1', claims }, null, 2)
      : claims
          .flatMap(({ id, claim, source = '' }) => [
            terminal.style('strong', id),
            `  ${claim}`,
            ...(source === '' ? [] : [`  ${terminal.style('faint', source)}`]),
          ])
          .concat('', `Try one: npx forkwise claim ${claims[0]?.id ?? 'NAME'}`)
          .join('\n'),
  )
  return EXIT.ok
}

/** A claim by the name of a shipped one, or a file; null, with every problem noted, where the file holds none. */
async function findClaim(
  name: string,
  problems: ProblemList,
): Promise<{ readonly claim: Claim | null; readonly file: ClaimFile | null }> {
  const claims = await loadClaims()
  const shipped = claims.find(({ id }) => id === name)
  if (shipped !== undefined) return { claim: shipped, file: null }
  const path = resolve(name)
  if (!existsSync(path)) {
    const ids = claims.map(({ id }) => id)
    throw new ForkwiseError('UNKNOWN_NAME', [unknownName('a claim, by name or as a file,', name, ids)])
  }
  const oddity = oddityOf(path)
  if (oddity !== null)
    throw new ForkwiseError('USAGE', { message: `Expected a claim in a file, got ${name}, ${oddity}.` })
  const outer = relative(process.cwd(), path).startsWith('..')
  const label = outer ? path : relative(process.cwd(), path)
  const file = { value: await loadValue(path, label), label, dir: dirname(path) }
  return { claim: readClaim(file, problems), file }
}
