import { readdirSync } from 'node:fs'
import type { ShippedClaim } from './claim.ts'

const FOLDER = new URL('./shipped/', import.meta.url)
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** All claims that come with the product, by name: one file each in experiments/claims/shipped/, named like the claim. */
export async function loadClaims(): Promise<readonly ShippedClaim[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(`.${EXTENSION}`) && !file.endsWith('.d.ts'))
  return Promise.all(
    files.toSorted().map(async (file) => {
      const { claim } = (await import(new URL(file, FOLDER).href)) as { claim: Omit<ShippedClaim, 'id'> }
      return { id: file.slice(0, -EXTENSION.length - 1), ...claim }
    }),
  )
}
