import type { Manifest } from '../core/records.ts'
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
  const versions = [...new Set(others.map(({ node }) => node))].map((version) => {
    const names = others.filter(({ node }) => node === version).map(({ id }) => id)
    return `${listText(names)} ran on Node ${version}`
  })
  return `${listText(versions)}, ${baseline} on Node ${own}: the ratios between them are those of model and Node together; \`--node PATH\` runs all on one Node.`
}
