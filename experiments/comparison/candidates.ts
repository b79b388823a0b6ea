import type { AppFindings } from '../../cluster/app-inspection.ts'
import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import { findingsOf } from '../../cluster/runnable.ts'
import { variantModel } from '../../cluster/variant.ts'
import type { Variant } from '../../core/records.ts'
import type { Candidate } from '../resolution/models.ts'
import type { WantedVariant } from '../resolution/variants.ts'
import type { Revisions } from './revisions.ts'

/** What can be compared once its apps were looked at. */
export interface Candidates {
  readonly candidates: readonly Candidate[]
  /** How the app of each is started, by id; null for the built-in one. */
  readonly apps: ReadonlyMap<string, AppUnderTest | null>
  /** What a reader of figures should know about the start of the apps, in whole sentences. */
  readonly notes: readonly string[]
}

/** Server models that differ in nothing else. */
export async function plainCandidates(
  models: readonly ServerModel[],
  app: AppUnderTest | null,
  nodePath: string | null,
): Promise<Candidates> {
  const findings = await findingsOf(app, nodePath)
  const started = app === null ? null : { ...app, ...findings?.start }
  return {
    candidates: models.map((model) => ({ model, nodePath, findings })),
    apps: new Map(models.map(({ id }) => [id, started])),
    notes: findings?.notes ?? [],
  }
}

/**
 * Variants as server models of their own, each with its app as its revision has it. An app is looked at once for each Node
 * that runs it and the variables that it gets. Throws APP_INVALID when one does not start.
 */
export async function variantCandidates(
  wanted: readonly WantedVariant[],
  revisions: Revisions | null,
): Promise<Candidates> {
  const looked = new Map<string, AppFindings | null>()
  const candidates: Candidate[] = []
  const apps = new Map<string, AppUnderTest | null>()
  const notes = new Set(revisions?.notes)
  for (const { id, model, workers, ref, env, nodePath, pythonPath, ...own } of wanted) {
    const revision = ref === undefined ? undefined : revisions?.byName.get(ref)
    const app = revision?.app ?? own.app
    const key = JSON.stringify([app, nodePath, env])
    const findings = looked.get(key) ?? (await findingsOf(app, nodePath, env))
    looked.set(key, findings)
    for (const note of findings?.notes ?? []) notes.add(`${id}: ${note}`)
    const started = app === null ? null : { ...app, ...findings?.start }
    const variant: Variant = {
      model: model.id,
      ...(workers === undefined ? {} : { workers }),
      ...recordedApp(started),
      ...(Object.keys(env).length === 0 ? {} : { env }),
      ...(pythonPath === undefined ? {} : { python: pythonPath }),
      ...(revision === undefined ? {} : { ref: revision.recorded }),
    }
    candidates.push({ model: variantModel(id, model, variant), nodePath, findings })
    apps.set(id, started)
  }
  return { candidates, apps, notes: [...notes] }
}

function recordedApp(app: AppUnderTest | null): Pick<Variant, 'app' | 'appStart'> {
  if (app === null) return {}
  const { module, ...appStart } = app
  return { ...(module === undefined ? {} : { app: module }), appStart }
}
