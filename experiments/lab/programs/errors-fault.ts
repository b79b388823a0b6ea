/** The ways in which work goes wrong. */
export const FAULTS = ['exception', 'rejection', 'exit', 'kill'] as const

/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number]

const WAYS: Readonly<Record<Fault, () => unknown>> = {
  exception: () => {
    throw new Error('the work went wrong')
  },
  rejection: () => Promise.reject(new Error('the work went wrong')),
  exit: () => process.exit(3),
  kill: () => process.kill(process.pid, 'SIGKILL'),
}

/** Work that goes wrong. */
export function fail(fault: Fault): unknown {
  return WAYS[fault]()
}
