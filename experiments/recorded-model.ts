import { type JudgedModel, nodeOf, pythonOf } from '../cluster/runnable.ts'
import type { RecordedModel } from '../core/records.ts'

/** What a results folder keeps of a model. */
export function recordedModel({ model, node }: JudgedModel): RecordedModel {
  const { id, title, tradeoff, routing, executor, outside, variant } = model
  if (outside !== undefined) return { id, title, tradeoff, routing: 'unknown', executor: 'unknown', outside }
  const version = nodeOf({ model, node })
  const python = pythonOf({ model, node })
  return {
    id,
    title,
    tradeoff,
    routing,
    executor,
    ...(version === null ? {} : { node: version }),
    ...(python === null ? {} : { python }),
    ...(variant === undefined ? {} : { variant }),
  }
}
