import type { ProblemList } from '../core/errors.ts'
import { parseCount } from '../core/quantities.ts'
import type { Run } from '../experiments/run.ts'
import { openLivePage } from '../live/live-page.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { LiveScreen } from './live-screen.ts'
import { narrate, type NarrationOptions } from './narration.ts'

/** The port of a page. */
export const LIVE_PORT_OPTION: OptionSpec = {
  name: 'live-port',
  type: 'string',
  value: 'p',
  help: 'Port of the page. Default: any free one.',
}

/** The options of every command whose run can be seen on a page while it lasts. */
export const LIVE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'live',
    type: 'boolean',
    help: 'Show the run second by second on a page, at an address of this machine that is printed and contains a secret.',
  },
  { ...LIVE_PORT_OPTION, help: 'Port of that page; implies --live. Default: any free one.' },
]

/**
 * Starts a run and narrates it on the terminal, and on a page where that is asked for. Resolves and rejects as the run does;
 * throws USAGE or PORT_TAKEN before it is started.
 */
export async function narrateLive<T>(
  start: () => Run<T>,
  { values, terminal }: Pick<Invocation, 'values' | 'terminal'>,
  options: NarrationOptions = {},
): Promise<T> {
  const port = livePortOf(values)
  if (port === null) return narrate(start(), terminal, options)
  const page = await openLivePage(port)
  const screen = new LiveScreen(terminal)
  try {
    terminal.note(`live page: ${page.address}`)
    const run = start()
    page.follow(run)
    screen.follow(run)
    return await narrate(run, screen.besides, options)
  } finally {
    screen.close()
    await page.close()
  }
}

/** Notes that a page is asked for where there is none: beside `beside`, for `because`, e.g. `nothing is run`. */
export function noteUnusedLive(
  beside: string,
  because: string,
  values: Invocation['values'],
  problems: ProblemList,
): void {
  const asked = LIVE_OPTIONS.map(({ name }) => name).filter(
    (name) => values[name] !== undefined && values[name] !== false,
  )
  if (asked.length === 0) return
  const names = asked.map((name) => `\`--${name}\``).join(', ')
  problems.add(
    `Expected \`${beside}\` without ${names}: ${because}, so that there is no page.`,
    'Leave one of them out.',
  )
}

/** The port that the page is to have, 0 for any free one; null where no page is asked for. Throws USAGE. */
export function livePortOf(values: Invocation['values']): number | null {
  const word = values['live-port']
  if (word === undefined) return values['live'] === true ? 0 : null
  return parseCount(String(word), '--live-port', 0, 65_535)
}
