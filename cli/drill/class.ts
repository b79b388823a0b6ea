import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EXIT, type ExitCode, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { analyseDrillRecording } from '../../experiments/drill/result.ts'
import { classDrills, renderDrillClassHtml, renderDrillClassText, type TraineeRun } from '../../report/drill/class.ts'
import { isDrillFolder, readDrillFolder } from '../../store/drill-folder.ts'
import { ResultsFolder } from '../../store/folder.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { Invocation } from '../command.ts'

/** Puts the drills of many trainees on one page; gives the exit code. */
export async function writeDrillClass(
  dirs: readonly string[],
  { terminal, json, values }: Invocation,
): Promise<ExitCode> {
  if (dirs.length === 0) {
    throw new ForkwiseError('USAGE', {
      message: 'Expected the results folders of trainees, got none.',
      hint: 'Name the folders of drills, or folders that hold them: npx forkwise drill class anna ben results/*',
    })
  }
  const drills = classDrills(await readRuns(dirs))
  const folder = ResultsFolder.create(typeof values['out'] === 'string' ? values['out'] : newRunDir(newRunId('class')))
  folder.writeText('report.html', renderDrillClassHtml(drills))
  const path = join(folder.dir, 'report.html')
  terminal.result(
    json
      ? JSON.stringify({ schema: 'forkwise/drill-class@1', page: path, drills }, null, 2)
      : renderDrillClassText(drills, {
          columns: terminal.columns,
          style: (kind, text) => terminal.style(kind, text),
          folder: path,
        }),
  )
  return EXIT.ok
}

/** Reads every folder; throws one RESULT_INVALID error for all that cannot be read. */
async function readRuns(dirs: readonly string[]): Promise<TraineeRun[]> {
  const problems = new ProblemList()
  const runs: TraineeRun[] = []
  for (const dir of dirs) {
    try {
      const folders = drillFolders(dir)
      if (folders.length === 0)
        problems.add(`Expected ${resolve(dir)} to be or to hold the folder of a drill, got none.`)
      for (const folder of folders) {
        runs.push({ trainee: basename(resolve(dir)), result: await analyseDrillRecording(readDrillFolder(folder)) })
      }
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const { message, hint } of thrown.problems) problems.add(message, hint)
    }
  }
  problems.throwIfAny('RESULT_INVALID')
  return runs
}

/** The folder itself where it is that of a drill, else those right in it. */
function drillFolders(dir: string): string[] {
  if (isDrillFolder(dir)) return [dir]
  return readdirSync(dir)
    .toSorted()
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isDirectory() && isDrillFolder(path))
}
