import { isIPv4, isIPv6 } from 'node:net'
import type { ServerModel } from '../../cluster/model.ts'
import { outsideModel } from '../../cluster/outside-server.ts'
import type { ProblemList } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import type { SERVERS } from '../options/sets/models.ts'
import { addProblems } from './problems.ts'

/** Servers that run already, as models; names that are taken and addresses elsewhere are noted. */
export function resolveServers(
  servers: SettingsOf<typeof SERVERS>['servers'],
  modelIds: readonly string[],
  given: GivenOptions,
  problems: ProblemList,
): readonly ServerModel[] {
  const taken = new Set(modelIds)
  return (servers ?? []).flatMap(({ name, url: text, pid = null }, index) => {
    const nameOf = (part: string): string => given.name('servers', `[${index}].${part}`)
    if (taken.has(name)) {
      problems.add(
        `Expected \`${nameOf('name')}\` to be a name of its own, got ${quoted(name)}, which another model or server has.`,
      )
    }
    taken.add(name)
    const url = readAddress(text, nameOf('url'), given, problems)
    if (url === null) return []
    const model = addProblems(problems, () => outsideModel(name, { url, pid }))
    return model === null ? [] : [model]
  })
}

/** The base address of a server on this machine; null, with the problem noted, for anything else. */
function readAddress(text: string, name: string, given: GivenOptions, problems: ProblemList): string | null {
  const example = 'Give where the server listens on this machine, e.g. http://127.0.0.1:8080.'
  if (!URL.canParse(text)) {
    problems.add(`Expected \`${name}\` to be an address, got ${quoted(text)}.`, example)
    return null
  }
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const loopback = host === 'localhost' || (isIPv4(host) && host.startsWith('127.')) || (isIPv6(host) && host === '::1')
  if (url.protocol !== 'http:') {
    problems.add(`Expected \`${name}\` to begin with http://, got ${quoted(text)}.`, example)
  } else if (!loopback) {
    problems.add(
      `Expected \`${name}\` to be an address of this machine (127.0.0.1, localhost or [::1]), got ${quoted(text)}.`,
      'Load goes to this machine alone: only here can its CPU be watched and the comparison be fair.',
    )
  } else if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    problems.add(
      `Expected \`${name}\` to be host and port alone, got ${quoted(text)}.`,
      `Give what to request as paths, e.g. \`${given.example('paths', '/orders/42', "['/orders/42']")}\`.`,
    )
  } else {
    return url.href
  }
  return null
}
