import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { EXIT, ForkwiseError, messageOf, ProblemList } from '../../core/errors.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { quoted } from '../../core/quotes.ts'
import type { Command } from '../command.ts'
import { CONFIG_NAMES } from '../config/config-file.ts'
import { detectApp, packageIn } from '../config/detected-app.ts'
import { configJson, configScript, type TemplateFacts } from '../config/template.ts'

/** `forkwise init`: a configuration to start from. */
export const command: Command = {
  name: 'init',
  summary: 'Write a commented forkwise.config.js for your own app, workloads and models.',
  positionals: '',
  arity: [0, 0],
  description:
    'Writes a configuration into the current folder, which `forkwise compare` picks up by itself there. It works as it ' +
    'stands; comments show what else could be set. The app is the one named by --app, else that of the start script in ' +
    'package.json, its "main", or a file with a usual name. It is started once, to see which of the usual paths it answers. An existing configuration is only replaced with --force.',
  options: [
    { name: 'app', type: 'string', value: 'file', help: 'Your own app.' },
    {
      name: 'json-config',
      type: 'boolean',
      help: 'Write forkwise.config.json, with a schema for editors, instead of forkwise.config.js.',
    },
    { name: 'force', type: 'boolean', help: 'Replace an existing configuration.' },
  ],
  examples: [
    { line: 'forkwise init', meaning: 'Then look into forkwise.config.js and run: npx forkwise compare' },
    { line: 'forkwise init --app ./dist/app.js --json-config', meaning: 'As JSON, for this app.' },
  ],
  json: true,
  async run({ values, json, terminal }) {
    const dir = process.cwd()
    const existing = CONFIG_NAMES.filter((name) => existsSync(join(dir, name)))
    const asked = typeof values['app'] === 'string' ? values['app'] : null
    const problems = new ProblemList()
    const folders = existing.filter((name) => !isFile(join(dir, name)))
    if (folders.length > 0) {
      problems.add(`Expected no folder that is called ${folders.join(' or ')} in ${dir}.`, 'Give it another name.')
    } else if (existing.length > 0 && values['force'] !== true) {
      problems.add(`Expected no configuration in ${dir}, got ${existing.join(' and ')}.`, 'Replace it with `--force`.')
    }
    if (asked !== null && !isFile(resolve(dir, asked))) {
      problems.add(`Expected \`--app\` to be a file, got ${quoted(asked)}, which is none in ${dir}.`)
    }
    problems.throwIfAny('USAGE')
    const { facts, notes } = await factsOf(dir, asked)
    const asJson = values['json-config'] === true
    const file = join(dir, asJson ? 'forkwise.config.json' : 'forkwise.config.js')
    writeConfig(file, asJson ? configJson(facts) : configScript(facts))
    for (const name of existing) if (join(dir, name) !== file) rmSync(join(dir, name))
    const { app, start, paths, models } = facts
    if (json) {
      terminal.result(JSON.stringify({ schema: 'forkwise/init@1', file, app, start, paths, models, notes }, null, 2))
      return EXIT.ok
    }
    const what = app ?? start
    terminal.result(`Wrote ${relative(dir, file)}${what === null ? '' : ` for ${what}`}.`)
    for (const note of notes) terminal.note(note)
    terminal.note(
      what === null
        ? 'No app was found: the built-in handlers will be compared. Name yours with `app`.'
        : 'Then run: npx forkwise compare',
    )
    return EXIT.ok
  },
}

async function factsOf(dir: string, asked: string | null): Promise<{ facts: TemplateFacts; notes: readonly string[] }> {
  const { notes, ...found } = await detectApp(dir, asked, process.execPath)
  return { facts: { ...found, esm: packageIn(dir).type === 'module', schema: schemaFrom(dir) }, notes }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The schema in the folder's own copy of the package where it has one, else in this one. */
function schemaFrom(dir: string): string {
  const file = join('docs', 'forkwise.config.schema.json')
  const installed = join('node_modules', 'forkwise', file)
  return `./${existsSync(join(dir, installed)) ? installed : relative(dir, join(PACKAGE_ROOT, file))}`
}

function writeConfig(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (thrown) {
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected to be able to write ${file}, got: ${messageOf(thrown)}.`,
    })
  }
}
