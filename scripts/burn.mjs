// Keeps one core busy for half of the time, in turns of 50 ms, to see whether the tests hold on a machine that others use
// as well: `node scripts/burn.mjs 120 & npm test`. It ends after the seconds given (60), or by Ctrl-C.
const [seconds = '60', share = '0.5'] = process.argv.slice(2)
const TURN_MS = 100
const endMs = performance.now() + Number(seconds) * 1000
if (!(Number(seconds) > 0 && Number(seconds) <= 3600 && Number(share) > 0 && Number(share) <= 1)) {
  console.error(`Expected seconds from 1 to 3600 and a share from 0 to 1, got ${seconds} and ${share}.`)
  process.exit(2)
}

const turn = () => {
  const startMs = performance.now()
  if (startMs >= endMs) return
  while (performance.now() - startMs < TURN_MS * Number(share));
  setTimeout(turn, TURN_MS * (1 - Number(share)))
}
turn()
