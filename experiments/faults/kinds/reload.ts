import type { Fault } from '../fault.ts'

const fault: Fault = {
  id: 'reload',
  title: 'Rolling reload',
  question: 'Every worker is replaced by a new one, as for a new version of the app.',
  recoveryFrom: 'injection',
  lastsS: 0,
  watchS: 8,
  offeredBy: ({ model: { reload, supervision } }) => {
    if (reload !== undefined) return null
    return supervision === undefined
      ? 'nobody is there to replace its workers; it is stopped and started again'
      : 'it has no reload here'
  },
  async inject(server, scene) {
    scene.injected()
    await server.reload?.()
    return { facts: {} }
  },
}

export default fault
