import { join } from 'node:path'
import { EXIT, type ExitCode, ForkwiseError } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import type { LabResult } from '../../core/lab-record.ts'
import { analyseLabRecording } from '../../experiments/lab/run.ts'
import { classLabs, renderClassHtml, renderClassText } from '../../report/lab/class.ts'
import { ResultsFolder } from '../../store/folder.ts'
import { isLabFolder, readLabRecording } from '../../store/lab-folder.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import { noteLeftOut, readClass } from '../class-folders.ts'
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
  const { runs, leftOut } = await readClass<LabResult>(dirs, {
    what: 'lab',
    isFolder: isLabFolder,
    titleOf: ({ manifest }) => manifest.lab,
    read: async (dir) => {
      const recording = readLabRecording(dir)
      return { result: await analyseLabRecording(recording), isComplete: recording.isComplete }
    },
  })
  noteLeftOut(leftOut, terminal)
  const labs = classLabs(runs.map(({ who, result }) => ({ reader: who, result })))
  const folder = ResultsFolder.create(typeof values['out'] === 'string' ? values['out'] : newRunDir(newRunId('class')))
  folder.writeText('report.html', renderClassHtml(labs, leftOut))
  const path = join(folder.dir, 'report.html')
  terminal.result(
    json
      ? resultJson({ schema: 'forkwise/lab-class@1', page: path, labs, leftOut }, 2)
      : renderClassText(labs, {
          columns: terminal.columns,
          style: (kind, text) => terminal.style(kind, text),
          folder: path,
        }),
  )
  return EXIT.ok
}
