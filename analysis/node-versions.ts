import type { Manifest } from '../core/records.ts'
import { holdsInterpreterLock } from '../core/python-version.ts'
import { listText } from './wording.ts'

/**
 * Says of a comparison whose two models ran on different versions of Node that its ratio is not the models' alone; empty
 * when they ran on the same, or one of them runs on no Node at all.
 */
export function nodeCaveat({ models }: Manifest, baseline: string, candidate: string): string {
  const node = (id: string): string | undefined => models.find((model) => model.id === id)?.node
  const [own, other] = [node(baseline), node(candidate)]
  if (own === undefined || other === undefined || own === other) return ''
  return `${candidate} ran on Node ${other}, ${baseline} on Node ${own}: the ratio is that of model and Node together.`
}

/** The same for all models of a run in one sentence; null when every Node was the baseline's. */
export function nodeSentence(manifest: Manifest): string | null {
  const { baseline } = manifest.plan
  const others = manifest.models.filter(({ id }) => nodeCaveat(manifest, baseline, id) !== '')
  const own = manifest.models.find(({ id }) => id === baseline)?.node
  if (others.length === 0 || own === undefined) return null
  return `${versionsText(others)}, ${baseline} on Node ${own}: the ratios between them are those of model and Node together; \`--node PATH\` runs all on one Node.`
}

/** A model and the Node that ran it. */
interface ModelOnNode {
  readonly id: string
  readonly node?: string | undefined
}

/** Which models of a run ran on another Node than the usual one: `watt ran on Node v24.21.0`; empty when none did. */
export function otherNodesText(models: readonly ModelOnNode[], usual: string): string {
  return versionsText(models.filter(({ node }) => node !== undefined && node !== usual))
}

/** The same as a sentence that names both; null when none did. */
export function otherNodesSentence(models: readonly ModelOnNode[], usual: string): string | null {
  const others = otherNodesText(models, usual)
  return others === '' ? null : `${others}, not on Node ${usual}.`
}

/**
 * Which Python ran which models, where one was named: `gunicorn-sync ran on PyPy 7.3.11 (Python 3.9.16), whose lock lets one
 * thread of a process compute at a time.` Null where none was.
 */
export function pythonSentence(
  models: readonly { readonly id: string; readonly python?: string | undefined }[],
): string | null {
  const versions = [...new Set(models.flatMap(({ python }) => python ?? []))]
  if (versions.length === 0) return null
  const clauses = versions.map((version) => {
    const names = [...new Set(models.filter(({ python }) => python === version).map(({ id }) => id))]
    const lock = holdsInterpreterLock(version)
      ? 'whose lock lets one thread of a process compute at a time'
      : 'where threads of a process compute at the same time'
    return `${listText(names)} ran on ${version}, ${lock}`
  })
  return `${clauses.join('; ')}.`
}

function versionsText(models: readonly ModelOnNode[]): string {
  const versions = [...new Set(models.map(({ node }) => node))].map((version) => {
    const names = [...new Set(models.filter(({ node }) => node === version).map(({ id }) => id))]
    return `${listText(names)} ran on Node ${version}`
  })
  return listText(versions)
}
