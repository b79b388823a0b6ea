/** Length and distance of the probes, in milliseconds. */
const PROBE_MS = 20
const EVERY_MS = 250

/** A probe that took so many times its CPU time met programs that want more than the machine has. */
const CROWDED = 2.5

/** A machine is crowded when this share of the probes met others. */
const CROWDED_SHARE = 0.1

/**
 * Tells a machine on which others take the CPU, which no rule over the figures of one program can know: computes a little
 * four times a second, and notes how much longer that took than the CPU time it was given.
 */
export class CpuWitness {
  readonly #probes: { readonly atMs: number; readonly ratio: number }[] = []
  readonly #timer: NodeJS.Timeout = setInterval(() => this.#probe(), EVERY_MS)

  /** Whether others took the CPU between two times, in ms since the epoch. */
  wasCrowded(fromMs: number, toMs: number): boolean {
    const probes = this.#probes.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    return probes.filter(({ ratio }) => ratio > CROWDED).length > CROWDED_SHARE * probes.length
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #probe(): void {
    const [startMs, before] = [performance.now(), process.cpuUsage()]
    let usedMs = 0
    while (usedMs < PROBE_MS) {
      const { user, system } = process.cpuUsage(before)
      usedMs = (user + system) / 1000
    }
    this.#probes.push({ atMs: Date.now(), ratio: (performance.now() - startMs) / usedMs })
  }
}
