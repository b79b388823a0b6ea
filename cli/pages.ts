import { loadModels } from '../cluster/models.ts'
import { generatedFiles } from '../dashboards/generated-files.ts'
import { describeCommands } from './commands.ts'
import { configurationSchema } from '../experiments/options/configuration.ts'
import { configurationPage } from './pages/configuration-page.ts'
import { commandsPage } from './pages/commands-page.ts'
import { errorsPage } from './pages/errors-page.ts'
import { loadDrills } from '../experiments/drill/drills.ts'
import { drillsPage } from './pages/drills-page.ts'
import { modelsPage } from './pages/models-page.ts'

/** Every file of the repository that is made from code: its path from the root, and its text. */
export async function allGeneratedFiles(): Promise<Map<string, string>> {
  return new Map([
    ...generatedFiles(),
    ['docs/COMMANDS.md', commandsPage(await describeCommands())],
    ['docs/CONFIG.md', configurationPage()],
    ['docs/DRILLS.md', drillsPage(await loadDrills())],
    ['docs/ERRORS.md', errorsPage()],
    ['docs/MODELS.md', modelsPage(await loadModels())],
    ['docs/forkwise.config.schema.json', `${JSON.stringify(configurationSchema(), null, 2)}\n`],
  ])
}
