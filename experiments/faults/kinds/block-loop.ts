import type { Fault } from '../fault.ts'

/** A prime whose test takes some two seconds (Node 20.20, one core of an AMD EPYC, November 2026): none takes longer. */
const LONGEST_PRIME = '9999999999999937'

/** Executors that compute where requests are accepted. */
const ON_THE_LOOP: readonly string[] = ['inline', 'wsgi', 'asgi']

const fault: Fault = {
  id: 'block-loop',
  title: 'A blocked event loop',
  question:
    'One request computes for about two seconds: whoever got it answers nothing else meanwhile. Who else has to wait?',
  recoveryFrom: 'injection',
  lastsS: 0,
  watchS: 8,
  offeredBy: ({ model: { executor }, builtInApp }) => {
    if (!builtInApp) return 'only the built-in app has a request that computes for so long'
    return ON_THE_LOOP.includes(executor) ? null : 'its requests do not compute where they are accepted'
  },
  async inject(server, scene) {
    const [target] = server.targets
    scene.injected()
    try {
      const response = await fetch(new URL(`/cpu/prime?n=${LONGEST_PRIME}`, target), { signal: scene.signal })
      await response.arrayBuffer()
    } catch {
      // A server that breaks under a fault is what faults are for.
    }
    return { facts: {} }
  },
}

export default fault
