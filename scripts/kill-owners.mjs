// Kills the command (SIGKILL) at random moments of runs and says what is left of it three seconds later, without another start
// of forkwise: node scripts/kill-owners.mjs [KILLS [SEED [MODELS]]], with names of models and commas between, under PM2 unless
// named. Run `npm run build` first; Linux only.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [kills = 60, seed = 1] = process.argv.slice(2, 4).map(Number)
const LATEST_KILL_MS = 6000
const LEFT_AFTER_MS = 3000
const MODELS = (process.argv[4] ?? 'pm2-fork,pm2-cluster').split(',')
const LISTENER = "require('http').createServer((_, answer) => answer.end()).listen(process.env.PORT, '127.0.0.1')"
const COMMANDS = {
  serve: (model) => ['serve', model, '--port', '0', '--workers', '2'],
  resilience: (model) => ['resilience', '--quick', '--models', model, '--faults', 'kill', '--workers', '2'],
  compare: (model) => ['compare', '--quick', '--models', `single,${model}`, '--workloads', 'cpu', '--workers', '2'],
  // A program that is not ours: it cannot notice anything itself.
  start: () => ['serve', 'pm2-fork', '--port', '0', '--workers', '2', '--start', `node -e "${LISTENER}"`],
}

let state = seed
/** A number from 0 to 1 (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Pids and command lines of the processes that carry a private folder in their environment, or work in it: Redis overwrites its environment. */
function processesOf(dir) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        const isOurs = environment.includes(`TMPDIR=${dir}\0`) || readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`)
        return isOurs && line !== '' ? [{ pid: Number(pid), line }] : []
      } catch {
        return []
      }
    })
}

const main = join(import.meta.dirname, '../dist/cli/main.js')
let withLeftovers = 0
for (let number = 0; number < kills; number++) {
  const names = Object.keys(COMMANDS)
  const name = names[number % names.length]
  const model = MODELS[Math.floor(number / names.length) % MODELS.length]
  const dir = mkdtempSync(join(os.tmpdir(), 'fwk-'))
  const child = spawn(process.execPath, [main, ...COMMANDS[name](model)], {
    cwd: dir,
    env: { ...process.env, TMPDIR: dir, NO_COLOR: '1' },
    stdio: 'ignore',
  })
  const atMs = Math.round(300 + random() * LATEST_KILL_MS)
  await sleep(atMs)
  const running = processesOf(dir).length
  child.kill('SIGKILL')
  await sleep(LEFT_AFTER_MS)
  const left = processesOf(dir)
  if (left.length > 0) withLeftovers += 1
  console.log(`${name} ${model}, killed after ${atMs} ms with ${running} processes: ${left.length} left`)
  for (const { pid, line } of left) {
    console.log(`  ${pid} ${line.slice(0, 120)}`)
    process.kill(pid, 'SIGKILL')
  }
  await sleep(200)
  rmSync(dir, { recursive: true, force: true })
}
console.log(`${withLeftovers} of ${kills} kills left something after ${LEFT_AFTER_MS / 1000} s.`)
