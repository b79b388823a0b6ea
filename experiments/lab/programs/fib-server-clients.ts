// Two clients of a server that computes fib(n). The first counts how many short requests are answered while a long one
// comes and goes; the second times a long request while others like it are under way.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithParent, nowMs, readArgument, emit, emitResult } from './trace.ts'

/** How often the short requests are counted, in ms. */
const COUNT_MS = 100
/** What is counted begins when the rate rises no more: the code of the server is fast only once it has run for a while. */
const WARM_UP = { stepMs: 150, mostMs: 1200, rise: 1.1 }
const argument = readArgument({
  port: 0,
  long: 33,
  rounds: 3,
  aloneMs: 250,
  besideMs: 400,
  others: [0, 1],
  /** Longest time that a long request is waited for. */
  limitMs: 2000,
  quit: true,
})
const { port, long, rounds, aloneMs, besideMs, others, limitMs, quit } = argument

endWithParent()
const shortFigures = await countShort()
const longMs: Record<string, number | null> = {}
for (const count of others) longMs[`longMs${count}`] = await timeLong(count)
if (quit) (await client()).write('quit\n')
emitResult({ ...shortFigures, ...longMs })
process.exit(0)

/** One client asks for fib(1) again and again; another comes, asks for what takes long, and leaves: several times. */
async function countShort(): Promise<Record<string, number>> {
  const socket = await client()
  let count = 0
  const asking = repeat(socket, 1, () => (count += 1))
  const ratePerSFor = async (ms: number): Promise<number> => {
    const [before, beganAt] = [count, nowMs()]
    await sleep(ms)
    return ((count - before) / (nowMs() - beganAt)) * 1000
  }
  const warmUntil = nowMs() + WARM_UP.mostMs
  let [best, stepsWithoutRise] = [0, 0]
  while (stepsWithoutRise < 2 && nowMs() < warmUntil) {
    const rate = await ratePerSFor(WARM_UP.stepMs)
    stepsWithoutRise = rate > best * WARM_UP.rise ? 0 : stepsWithoutRise + 1
    best = Math.max(best, rate)
  }
  const startedAt = nowMs()
  let counted = count
  const beat = setInterval(() => {
    emit('short', 'rate', { answered: count - counted, at: nowMs() - startedAt })
    counted = count
  }, COUNT_MS)

  const alone: number[] = []
  const beside: number[] = []
  let longAnswered = 0
  for (let round = 0; round < rounds; round++) {
    alone.push(await ratePerSFor(aloneMs))
    emit('long', 'came', { at: nowMs() - startedAt })
    const other = await client()
    let stays = true
    const askingLong = repeat(
      other,
      long,
      () => (longAnswered += 1),
      () => stays,
    )
    beside.push(await ratePerSFor(besideMs))
    stays = false
    await Promise.race([askingLong, sleep(limitMs / 4)])
    other.destroy()
    emit('long', 'left', { at: nowMs() - startedAt })
  }
  // Once more without it: what is before and after the long one is what it is compared with.
  alone.push(await ratePerSFor(aloneMs))
  clearInterval(beat)
  socket.destroy()
  await asking
  // Of each the best round: other programs can only take away.
  const aloneRatePerS = Math.max(...alone)
  const besideRatePerS = Math.max(...beside)
  return {
    aloneRatePerS,
    besideRatePerS,
    keptPercent: (100 * besideRatePerS) / Math.max(1, aloneRatePerS),
    longAnswered,
  }
}

/** Milliseconds of a long request while `count` other clients ask for the same; null where none was answered in time. */
async function timeLong(count: number): Promise<number | null> {
  const sockets = await Promise.all(Array.from({ length: count }, client))
  const asking = sockets.map((socket) => repeat(socket, long, () => undefined))
  const socket = await client()
  const startedAt = nowMs()
  const ms = await Promise.race([ask(socket, long).then(() => nowMs() - startedAt), sleep(limitMs, null)])
  for (const each of [socket, ...sockets]) each.destroy()
  await Promise.all(asking)
  return ms
}

async function client(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Asks again and again, until the connection is closed or it has no wish to go on. */
async function repeat(socket: Socket, n: number, onAnswer: () => void, goesOn = (): boolean => true): Promise<void> {
  while (!socket.destroyed && goesOn()) if (await ask(socket, n)) onAnswer()
}

/** Asks once; false when the connection is closed before the answer has come. An answer is one short line. */
async function ask(socket: Socket, n: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isAnswered: boolean): void => {
      socket.removeAllListeners('data').removeAllListeners('close')
      resolve(isAnswered)
    }
    socket.once('data', () => end(true)).once('close', () => end(false))
    socket.write(`${n}\n`)
  })
}
