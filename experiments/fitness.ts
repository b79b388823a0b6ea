import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../core/errors.ts'
import type { MachineFinding } from '../core/records.ts'
import type { HostMeter } from '../loadtest/host.ts'
import { preflight } from '../loadtest/preflight.ts'
import type { Emit } from './events.ts'

/** How often a noisy machine is looked at before the run is given up, and the pause between, in seconds. */
const PATIENCE = { looks: 3, pauseS: 4 } as const

/** The one finding on which a run is refused: figures that vary by more than a tenth between equal pieces of work are no evidence. */
const REFUSED_CHECK = 'steady speed'

/**
 * Looks at the machine as `doctor` does, waits a little for it to settle, and reports what will spoil the run. Throws
 * MACHINE_UNFIT when the machine's speed stays too unsteady, unless `anyway`. Gives all findings, for the manifest.
 */
export async function requireSuitableMachine(
  host: HostMeter,
  { anyway, emit, signal }: { anyway: boolean; emit: Emit; signal: AbortSignal },
): Promise<readonly MachineFinding[]> {
  const looks = anyway ? 1 : PATIENCE.looks
  let findings = await preflight(host)
  for (let look = 1; look < looks && isTooUnsteady(findings); look++) {
    emit({ type: 'unsettled', found: foundText(findings), pauseS: PATIENCE.pauseS })
    await sleep(PATIENCE.pauseS * 1000, undefined, { signal })
    findings = await preflight(host)
  }
  for (const { check, found, remedy } of findings.filter(({ level }) => level === 'critical')) {
    emit({ type: 'note', level: 'warning', text: `${check}: ${found}. ${remedy}` })
  }
  if (isTooUnsteady(findings) && !anyway) {
    throw new ForkwiseError('MACHINE_UNFIT', {
      message: `Expected a machine with steady speed, got one on which ${foundText(findings)}.`,
      hint: '`forkwise doctor` says more. Try again when it is idle, or measure all the same with `--anyway`.',
    })
  }
  return findings
}

function isTooUnsteady(findings: readonly MachineFinding[]): boolean {
  return findings.some(({ check, level }) => check === REFUSED_CHECK && level === 'critical')
}

function foundText(findings: readonly MachineFinding[]): string {
  return findings.find(({ check }) => check === REFUSED_CHECK)?.found ?? ''
}
