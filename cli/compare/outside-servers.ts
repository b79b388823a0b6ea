import { isIPv4, isIPv6 } from 'node:net'
import type { ServerModel } from '../../cluster/model.ts'
import { outsideModel } from '../../cluster/outside-server.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import type { OutsideServer } from '../../core/records.ts'
import { parseCount } from '../../core/quantities.ts'
import type { OptionReader } from '../options.ts'

/** Largest pid that Linux gives. */
const MAX_PID = 4_194_304

/** A server that runs already, as it was named on the command line or in a configuration. */
export interface NamedServer extends OutsideServer {
  readonly name: string
}

/**
 * Reads `--url`, `--name` and `--pid`: the first name belongs to the first address, and so on; a pid likewise, or it
 * says whose it is (`api=4711`). Every problem is noted.
 */
export function readOutsideServers(
  options: OptionReader,
  modelIds: readonly string[],
  problems: ProblemList,
): readonly ServerModel[] {
  const urls = options.texts('url')
  const names = options.texts('name')
  if (urls.length !== names.length) {
    problems.add(
      `Expected one \`--name\` for each \`--url\`, got ${urls.length} \`--url\` and ${names.length} \`--name\`.`,
      'Write them in pairs: --url http://127.0.0.1:8080 --name django.',
    )
    return []
  }
  const pids = readPids(options.texts('pid'), names, problems)
  names.forEach((name, index) => checkName(name, [...modelIds, ...names.slice(0, index)], problems))
  return urls.flatMap((text, index) => {
    const name = names[index] ?? ''
    const url = readAddress(text, problems)
    return url === null ? [] : modelsOf({ name, url, pid: pids.get(name) ?? null }, problems)
  })
}

function modelsOf({ name, url, pid }: NamedServer, problems: ProblemList): ServerModel[] {
  try {
    return [outsideModel(name, { url, pid })]
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
    return []
  }
}

function checkName(name: string, taken: readonly string[], problems: ProblemList): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,39}$/i.test(name) || name === 'all') {
    problems.add(
      `Expected \`--name\` to be a word of letters, digits, dots, dashes and underscores, got "${name}".`,
      'It names files and stands in reports and thresholds, e.g. django or go-1.24.',
    )
  } else if (taken.includes(name)) {
    problems.add(`Expected \`--name\` to be a name of its own, got "${name}", which another model or server has.`)
  }
}

function readPids(texts: readonly string[], names: readonly string[], problems: ProblemList): Map<string, number> {
  const pids = new Map<string, number>()
  texts.forEach((text, index) => {
    const [, owner = texts.length === names.length ? names[index] : undefined, digits = ''] =
      /^(?:([^=]*)=)?(.*)$/.exec(text) ?? []
    if (owner === undefined || !names.includes(owner)) {
      problems.add(
        owner === undefined
          ? `Expected a \`--pid\` for each \`--url\`, or to be told whose it is; got ${texts.length} for ${names.length}.`
          : `Expected \`--pid\` to belong to one of the servers (${names.join(', ') || 'none is named'}), got "${text}".`,
        'Write it with the name, e.g. --pid django=4711.',
      )
      return
    }
    try {
      pids.set(owner, parseCount(digits, '--pid', 1, MAX_PID))
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
    }
  })
  return pids
}

/** The base address of a server on this machine; null, with the problem noted, for anything else. */
function readAddress(text: string, problems: ProblemList): string | null {
  const example = 'Give where the server listens on this machine, e.g. http://127.0.0.1:8080.'
  if (!URL.canParse(text)) {
    problems.add(`Expected \`--url\` to be an address, got "${text}".`, example)
    return null
  }
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const loopback = host === 'localhost' || (isIPv4(host) && host.startsWith('127.')) || (isIPv6(host) && host === '::1')
  if (url.protocol !== 'http:') {
    problems.add(`Expected \`--url\` to begin with http://, got "${text}".`, example)
  } else if (!loopback) {
    problems.add(
      `Expected \`--url\` to be an address of this machine (127.0.0.1, localhost or [::1]), got "${text}".`,
      'Load goes to this machine alone: only here can its CPU be watched and the comparison be fair.',
    )
  } else if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    problems.add(
      `Expected \`--url\` to be host and port alone, got "${text}".`,
      'Give what to request as `--path`, e.g. --path /orders/42.',
    )
  } else {
    // One address, so that no name has to be looked up while anything is measured.
    return host === 'localhost' ? url.href.replace('localhost', '127.0.0.1') : url.href
  }
  return null
}
