import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EXIT, type ExitCode, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { analyseLabRecording } from '../../experiments/lab/run.ts'
import { classLabs, type ReaderRun, renderClassHtml, renderClassText } from '../../report/lab/class.ts'
import { ResultsFolder } from '../../store/folder.ts'
import { isLabFolder, readLabRecording } from '../../store/lab-folder.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { Invocation } from '../command.ts'

/** Puts the labs of many readers on one page: predictions against outcomes; gives the exit code. */
export async function writeClassPage(
  dirs: readonly string[],
  { terminal, json, values }: Invocation,
): Promise<ExitCode> {
  if (dirs.length === 0) {
    throw new ForkwiseError('USAGE', {
      message: 'Expected the results folders of readers, got none.',
      hint: 'Name the folders of labs, or folders that hold them: npx forkwise lab class anna ben results/*',
    })
  }
  const runs = await readRuns(dirs)
  const labs = classLabs(runs)
  const folder = ResultsFolder.create(typeof values['out'] === 'string' ? values['out'] : newRunDir(newRunId('class')))
  folder.writeText('report.html', renderClassHtml(labs))
  const path = join(folder.dir, 'report.html')
  terminal.result(
    json
      ? resultJson({ schema: 'forkwise/lab-class@1', page: path, labs }, 2)
      : renderClassText(labs, {
          columns: terminal.columns,
          style: (kind, text) => terminal.style(kind, text),
          folder: path,
        }),
  )
  return EXIT.ok
}

/** Reads every folder; throws one RESULT_INVALID error for all that cannot be read. */
async function readRuns(dirs: readonly string[]): Promise<ReaderRun[]> {
  const problems = new ProblemList()
  const runs: ReaderRun[] = []
  for (const dir of dirs) {
    try {
      const folders = labFolders(dir)
      if (folders.length === 0) problems.add(`Expected ${resolve(dir)} to be or to hold the folder of a lab, got none.`)
      for (const folder of folders) {
        runs.push({ reader: basename(resolve(dir)), result: await analyseLabRecording(readLabRecording(folder)) })
      }
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const { message, hint } of thrown.problems) problems.add(message, hint)
    }
  }
  problems.throwIfAny('RESULT_INVALID')
  return runs
}

/** The folder itself where it is that of a lab, else those right in it. */
function labFolders(dir: string): string[] {
  if (isLabFolder(dir)) return [dir]
  return readdirSync(dir)
    .toSorted()
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isDirectory() && isLabFolder(path))
}
