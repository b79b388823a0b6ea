import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { onPath } from './prometheus.ts'
import { readSeriesLines } from './series-file.ts'

/** When the first and the last reading of a recorded run were made, in ms since the epoch, and how many there are. */
export interface RecordedSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly samples: number
}

/** Series live this long after their last reading where they were recorded, in seconds: a recording has no end marks. */
export const RECORDED_LOOKBACK_S = 5

/**
 * Loads the series of a folder, as the recorder writes them, into a data folder for Prometheus. Throws PART_MISSING
 * without promtool, RESULT_INVALID when the folder holds no series, FOLDER_UNWRITABLE when the disk is full.
 */
export async function loadRecordedSeries(seriesDir: string, dataDir: string): Promise<RecordedSpan> {
  if (!onPath('promtool')) {
    throw new ForkwiseError('PART_MISSING', {
      message: 'Expected `promtool` on the PATH, found none.',
      hint: 'It comes with Prometheus (Debian: apt-get install prometheus; all parts: npx forkwise setup).',
    })
  }
  await requireSeries(seriesDir)
  await mkdir(dataDir, { recursive: true })
  const text = join(dataDir, 'recorded.om')
  try {
    const span = { fromMs: Number.POSITIVE_INFINITY, toMs: 0, samples: 0 }
    await pipeline(Readable.from(measured(readSeriesLines(seriesDir), span)), createWriteStream(text))
    if (span.samples === 0) throw noSeries(seriesDir)
    await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, dataDir])
    return span
  } catch (thrown) {
    if (thrown instanceof ForkwiseError) throw thrown
    const full = messageOf(thrown).includes('ENOSPC')
    throw new ForkwiseError(
      full ? 'FOLDER_UNWRITABLE' : 'RESULT_INVALID',
      { message: `Expected to be able to load the series of ${seriesDir}, got: ${messageOf(thrown)}.` },
      { cause: thrown },
    )
  } finally {
    await rm(text, { force: true })
  }
}

async function requireSeries(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => [])
  if (!names.some((name) => /\.om(\.gz)?$/.test(name))) throw noSeries(dir)
}

function noSeries(dir: string): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected series in ${dir}, found none.`,
    hint: 'Give the folder of a run that `forkwise compare` made; one made with `--metrics off` has none.',
  })
}

async function* measured(
  lines: AsyncIterable<string>,
  span: { fromMs: number; toMs: number; samples: number },
): AsyncGenerator<string> {
  for await (const line of lines) {
    if (!line.startsWith('#')) {
      const atMs = Number(line.slice(line.lastIndexOf(' ') + 1)) * 1000
      span.fromMs = Math.min(span.fromMs, atMs)
      span.toMs = Math.max(span.toMs, atMs)
      span.samples += 1
    }
    yield `${line}\n`
  }
}
