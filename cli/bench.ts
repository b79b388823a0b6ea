import { readdirSync } from 'node:fs'

/** One figure of a bench, with what was hoped for. */
export interface BenchRow {
  readonly what: string
  readonly measured: string
  /** What was hoped for, in words; empty where nothing was. */
  readonly goal: string
  /** Null where there is no goal. */
  readonly met: boolean | null
}

/** Surroundings of a bench. */
export interface BenchContext {
  readonly signal: AbortSignal
  /** Says what is being done. */
  readonly say: (text: string) => void
  /** How many experiments a bench of many is to make; null = as many as it needs. */
  readonly experiments: number | null
}

/** One bench: one file in cli/benches/, its name the file's name. Speed claims come from here, as ratios within one run. */
export interface Bench {
  readonly name: string
  readonly summary: string
  /** It takes long: it runs when it is named, not with all. */
  readonly onRequest?: true
  run(context: BenchContext): Promise<readonly BenchRow[]>
}

/** Every bench, in alphabetical order. */
export async function loadBenches(): Promise<readonly Bench[]> {
  const folder = new URL('./benches/', import.meta.url)
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(`.${extension}`) && !file.endsWith('.d.ts'))
    .map((file) => file.slice(0, -extension.length - 1))
    .sort()
  return Promise.all(
    names.map(async (name) => {
      const { bench } = (await import(new URL(`${name}.${extension}`, folder).href)) as { bench?: Bench }
      if (bench?.name !== name) throw new Error(`Expected cli/benches/${name} to export \`bench\` named "${name}".`)
      return bench
    }),
  )
}
