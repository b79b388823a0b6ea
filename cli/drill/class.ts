import { join } from 'node:path'
import { EXIT, type ExitCode, ForkwiseError } from '../../core/errors.ts'
import type { DrillResult } from '../../core/drill-record.ts'
import { analyseDrillRecording } from '../../experiments/drill/result.ts'
import { classDrills, renderDrillClassHtml, renderDrillClassText } from '../../report/drill/class.ts'
import { isDrillFolder, readDrillFolder } from '../../store/drill-folder.ts'
import { ResultsFolder } from '../../store/folder.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import { noteLeftOut, readClass } from '../class-folders.ts'
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
  const { runs, leftOut } = await readClass<DrillResult>(dirs, {
    what: 'drill',
    isFolder: isDrillFolder,
    titleOf: ({ manifest }) => manifest.drill,
    read: async (dir) => {
      const recording = readDrillFolder(dir)
      return { result: await analyseDrillRecording(recording), isComplete: recording.isComplete }
    },
  })
  noteLeftOut(leftOut, terminal)
  const drills = classDrills(runs.map(({ who, result }) => ({ trainee: who, result })))
  const folder = ResultsFolder.create(typeof values['out'] === 'string' ? values['out'] : newRunDir(newRunId('class')))
  folder.writeText('report.html', renderDrillClassHtml(drills, leftOut))
  const path = join(folder.dir, 'report.html')
  terminal.result(
    json
      ? JSON.stringify({ schema: 'forkwise/drill-class@1', page: path, drills, leftOut }, null, 2)
      : renderDrillClassText(drills, {
          columns: terminal.columns,
          style: (kind, text) => terminal.style(kind, text),
          folder: path,
        }),
  )
  return EXIT.ok
}
