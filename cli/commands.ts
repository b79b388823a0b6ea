import { readdirSync, readFileSync } from 'node:fs'
import type { Command, CommandDescription } from './command.ts'

const FOLDER = new URL('./commands/', import.meta.url)
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Names of all commands, in alphabetical order: one file each in cli/commands/, named like the command. */
export function commandNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(`.${EXTENSION}`) && !file.endsWith('.d.ts'))
    .map((file) => file.slice(0, -EXTENSION.length - 1))
    .toSorted()
}

/**
 * What is to be known of every command without loading it, in alphabetical order. The build writes it beside this file;
 * from source, the commands themselves are asked.
 */
export async function describeCommands(): Promise<readonly CommandDescription[]> {
  if (EXTENSION === 'ts') return loadCommands()
  return JSON.parse(readFileSync(new URL('./commands.json', import.meta.url), 'utf8')) as CommandDescription[]
}

/** Loads one command, and whatever it needs to run. */
export async function loadCommand(name: string): Promise<Command> {
  const module = (await import(new URL(`${name}.${EXTENSION}`, FOLDER).href)) as { command?: Command }
  if (module.command?.name !== name) {
    throw new Error(
      `Expected cli/commands/${name} to export \`command\` named "${name}", got "${module.command?.name}".`,
    )
  }
  return module.command
}

/** Loads every command, in alphabetical order. Takes about a second. */
export async function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(commandNames().map(loadCommand))
}
