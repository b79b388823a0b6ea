import { readdirSync } from 'node:fs'
import type { Command } from './command.ts'

/** Every command, in alphabetical order; one file each in cli/commands/, named like the command. */
export async function loadCommands(): Promise<readonly Command[]> {
  const folder = new URL('./commands/', import.meta.url)
  const names = commandNames(readdirSync(folder))
  return Promise.all(names.map((name) => importCommand(folder, name)))
}

function commandNames(files: readonly string[]): string[] {
  const names = files.filter((file) => /^[a-z-]+\.(ts|js)$/.test(file)).map((file) => file.replace(/\.(ts|js)$/, ''))
  return names.sort()
}

async function importCommand(folder: URL, name: string): Promise<Command> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const module = (await import(new URL(`${name}.${extension}`, folder).href)) as { command?: Command }
  if (module.command?.name !== name) {
    throw new Error(
      `Expected cli/commands/${name} to export \`command\` named "${name}", got "${module.command?.name}".`,
    )
  }
  return module.command
}
