import { EXIT, type ExitCode, type ProblemList } from '../../core/errors.ts'
import { loadDrills } from '../../experiments/drill/drills.ts'
import { DRILL } from '../../experiments/options/sets/drill.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { renderDrillList } from '../../report/drill/list.ts'
import type { Invocation } from '../command.ts'
import { wordsToOptions } from '../option-words.ts'

/** Prints the drills in the order in which to do them, of one level where that is asked for; gives the exit code. */
export async function listDrills(invocation: Invocation, problems: ProblemList): Promise<ExitCode> {
  const { terminal, json } = invocation
  const settings = readSettings(DRILL, wordsToOptions(DRILL, invocation, problems), problems)
  problems.throwIfAny('USAGE')
  const all = (await loadDrills()).filter(({ level }) => settings.level === undefined || level === settings.level)
  const drills = await Promise.all(
    all.map(async (drill) => {
      const { id, number, title, level, minutes } = drill
      return { id, number, title, level, minutes, lack: (await drill.lacks?.())?.what ?? null }
    }),
  )
  terminal.result(
    json
      ? JSON.stringify({ schema: 'forkwise/drills@1', drills }, null, 2)
      : renderDrillList(drills, { columns: terminal.columns, style: (kind, text) => terminal.style(kind, text) }),
  )
  return EXIT.ok
}
