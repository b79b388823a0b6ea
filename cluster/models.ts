import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ForkwiseError } from '../core/errors.ts'
import { unknownName } from '../core/names.ts'
import type { ServerModel } from './model.ts'

const FOLDER = join(import.meta.dirname, 'models')

let loaded: Promise<readonly ServerModel[]> | null = null

/** Loads every server model: the files of cluster/models/, whose default export is a model with the file's name as id. */
export function loadModels(): Promise<readonly ServerModel[]> {
  loaded ??= Promise.all(
    readdirSync(FOLDER)
      .map((file) => /^([a-z0-9-]+)\.(?:js|ts)$/.exec(file)?.[1])
      .filter((id) => id !== undefined)
      .sort((a, b) => (a < b ? -1 : 1))
      .map(loadModel),
  )
  return loaded
}

/** Finds one model; throws UNKNOWN_NAME with the nearest name and the list of all. */
export async function findModel(id: string): Promise<ServerModel> {
  const models = await loadModels()
  const model = models.find((candidate) => candidate.id === id)
  if (model) return model
  throw new ForkwiseError(
    'UNKNOWN_NAME',
    unknownName(
      'a server model',
      id,
      models.map((candidate) => candidate.id),
    ),
  )
}

async function loadModel(id: string): Promise<ServerModel> {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'
  const file = join(FOLDER, `${id}.${extension}`)
  const { default: model } = (await import(pathToFileURL(file).href)) as { default?: ServerModel }
  if (model?.id === id) return model
  throw new ForkwiseError('INTERNAL', {
    message: `Expected cluster/models/${id}.${extension} to export a model with the id \`${id}\` by default, got \`${model?.id}\`.`,
  })
}
