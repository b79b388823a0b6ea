import { loadModels } from '../../cluster/models.ts'
import { judgeModelsOnNodes } from '../../cluster/runnable.ts'

/** What keeps a server model from running here, with the remedy; null where nothing does. */
export async function lackOfModel(id: string): Promise<{ readonly what: string; readonly remedy: string } | null> {
  const models = (await loadModels()).filter((model) => model.id === id)
  const judged = await judgeModelsOnNodes(models, null, null)
  const [need] = judged.flatMap(({ needs }) => needs)
  return need === undefined ? null : { what: `${need.what}.`, remedy: need.remedy }
}
