import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { Player } from '../../analysis/timeline/player.ts'
import { screenOf } from '../../live/screen.ts'
import { serveLive } from '../../live/server.ts'
import { openWatchedFolder, type WatchedFolder } from '../../live/watched-folder.ts'
import type { Command, Invocation, Terminal } from '../command.ts'
import { LIVE_PORT_OPTION, livePortOf, noteUnusedLive } from '../live-option.ts'
import { TimelineLines } from '../timeline-lines.ts'

/** Time between two pictures, in ms. */
const DRAW_MS = 250

/** How many seconds of a run that is over are replayed in one by default. */
const SPEED = 16

/** `forkwise watch`: any run again, and one that is going on. */
export const command: Command = {
  name: 'watch',
  summary: 'Replay a recorded run second by second, or watch one that is going on.',
  positionals: 'DIR',
  arity: [1, 1],
  description:
    'Reads the timeline that every run of compare, resilience, scale, capacity, plan and validate-plan keeps in its results folder, also while it is being written. Shows the load, its latencies, every unit and what happened: on a page where you choose a moment and a speed (its address is printed and contains a secret), and in the terminal, redrawn in place; without a terminal as lines. Runs until Ctrl-C, with --text until the run is shown. A run from before there were timelines is shown with what its folder holds.',
  options: [
    LIVE_PORT_OPTION,
    {
      name: 'text',
      type: 'boolean',
      help: 'Show it in the terminal alone: no page, and the command ends with the run.',
    },
    {
      name: 'speed',
      type: 'string',
      value: 'n',
      help: `Seconds of a finished run that the terminal shows in one second. Default: ${SPEED}. The page has a speed of its own.`,
    },
  ],
  examples: [
    { line: 'forkwise watch results/2026-11-26-101500-compare', meaning: 'See what happened when, and every unit.' },
    {
      line: 'forkwise watch results/2026-11-26-101500-compare --text --speed 60',
      meaning: 'In the terminal, a minute a second.',
    },
  ],
  json: false,
  interruptionNote: 'Interrupted: what is watched goes on, if it did.',
  async run({ positionals, values, signal, terminal }) {
    const speed = speedOf(values['speed'])
    const port = livePortOf(values) ?? 0
    const problems = new ProblemList()
    if (values['text'] === true) noteUnusedLive('--text', 'it is shown in the terminal alone', values, problems)
    problems.throwIfAny('USAGE')
    if (values['speed'] !== undefined && !terminal.interactive) {
      terminal.note('`--speed` has no effect without a terminal: the run is printed in lines, at once.')
    }
    const folder = openWatchedFolder(positionals[0] ?? '')
    const page = values['text'] === true ? null : await serveLive(folder.journal, { port })
    try {
      if (page !== null) terminal.note(`live page: ${page.address}`)
      await show(folder, { speed, endless: page !== null, signal, terminal })
    } finally {
      await page?.close()
    }
    return EXIT.ok
  },
}

/** Shows what is read until the signal aborts, or all is shown and nothing is waited for. */
async function show(
  folder: WatchedFolder,
  {
    speed,
    endless,
    signal,
    terminal,
  }: { readonly speed: number; readonly endless: boolean } & Pick<Invocation, 'signal' | 'terminal'>,
): Promise<void> {
  const player = new Player()
  const lines = new TimelineLines(terminal)
  /** The moment of a run that is over which is shown; null while the newest is. */
  let momentMs: number | null = null
  let isFirst = true
  while (!signal.aborted) {
    const items = folder.read()
    const played = player.add(items)
    player.passUntil(Date.now())
    if (isFirst && player.newest.end !== null) momentMs = player.startMs
    if (isFirst) {
      if (player.newest.end === null) terminal.note('The run is not over: what it writes is shown until Ctrl-C.')
      else if (endless) terminal.note('The run is over. Its page is there until Ctrl-C.')
    }
    isFirst = false
    if (terminal.interactive) draw(player, momentMs, terminal)
    else for (const item of played) lines.print(item, player.startMs)
    if (momentMs !== null && momentMs > player.newest.nowMs) momentMs = null
    const isShown = player.newest.end !== null && (momentMs === null || !terminal.interactive)
    if (isShown && !endless) break
    await sleep(DRAW_MS, undefined, { signal }).catch(() => undefined)
    if (momentMs !== null) momentMs += DRAW_MS * speed
  }
  leave(player, momentMs, terminal)
}

function draw(player: Player, momentMs: number | null, terminal: Terminal): void {
  terminal.live(pictureOf(player, momentMs, terminal))
}

/** The last picture stays where it was. */
function leave(player: Player, momentMs: number | null, terminal: Terminal): void {
  if (!terminal.interactive) return
  terminal.live('')
  terminal.result(pictureOf(player, momentMs, terminal))
}

function pictureOf(player: Player, momentMs: number | null, terminal: Terminal): string {
  const { columns, rows = 24 } = terminal
  const style: Terminal['style'] = (kind, text) => terminal.style(kind, text)
  const timeline = momentMs === null ? player.newest : player.at(momentMs)
  return screenOf(timeline, { columns, rows: rows - 1, style, past: momentMs !== null }).join('\n')
}

function speedOf(word: Invocation['values'][string]): number {
  if (word === undefined) return SPEED
  const speed = Number(word)
  if (speed > 0 && speed <= 10_000) return speed
  throw new ForkwiseError('USAGE', {
    message: `Expected \`--speed\` to be a number above 0 and up to 10000, got ${JSON.stringify(word)}.`,
  })
}
