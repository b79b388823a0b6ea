import type { Stage } from './drill.ts'

/** Changes the dependency of a drill (`PUT`, as server/dependency.ts takes it); one that is just being started anew is told again later. */
export async function tellDependency({ dependencyUrl }: Pick<Stage, 'dependencyUrl'>, change: string): Promise<void> {
  await fetch(`${dependencyUrl}/${change}`, { method: 'PUT' }).catch(() => undefined)
}
