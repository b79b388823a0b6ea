import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { allowedCpus } from '../../core/cores.ts'
import { compiled } from '../../core/paths.ts'
import type { MachineFinding } from '../../core/records.ts'
import { partTest } from '../parts.ts'

partTest(['taskset'], 'under `taskset` everything runs on the CPU that is left, and doctor says so', () => {
  const cpu = String(allowedCpus()?.at(-1))
  const doctor = spawnSync('taskset', ['-c', cpu, process.execPath, compiled('cli/main.js'), 'doctor', '--json'], {
    encoding: 'utf8',
  })
  const { findings } = JSON.parse(doctor.stdout) as { findings: readonly MachineFinding[] }
  expect(findings.find(({ check }) => check === 'cores')?.found).toBe(`Generator and server share CPU ${cpu}.`)
  // Other programs are counted on that CPU alone: never more than one core's worth.
  const busy = /they use (\S+) of 1 cores/.exec(
    findings.find(({ check }) => check === 'other programs')?.found ?? '',
  )?.[1]
  expect(Number(busy)).toBeLessThanOrEqual(1.05)
})
