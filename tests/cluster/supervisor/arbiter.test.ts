import { describe, expect, test } from 'vitest'
import { Arbiter } from '../../../cluster/supervisor/arbiter.ts'
import type { SupervisorAction, SupervisorEvent } from '../../../cluster/supervisor/events.ts'
import type { SupervisorSettings } from '../../../cluster/supervisor/settings.ts'

const SETTINGS: SupervisorSettings = {
  workers: 2,
  graceS: 5,
  bootTimeoutS: 10,
  bootFailureLimit: 3,
  minUptimeS: 1,
  heartbeatTimeoutS: 4,
  maxRequests: null,
  maxRequestsJitter: 0,
  replacedAtOnce: 1,
  leavesFirst: 0,
}

/** An arbiter on made-up time: `at(s)` sets the clock, and every step gives the actions in short words. */
class Scene {
  readonly arbiter: Arbiter
  #nowMs = 0

  constructor(settings: Partial<SupervisorSettings> = {}, random?: () => number) {
    this.arbiter = new Arbiter({ ...SETTINGS, ...settings }, random)
  }

  at(seconds: number): this {
    this.#nowMs = Math.round(seconds * 1000)
    return this
  }

  do(event: SupervisorEvent): string[] {
    return this.arbiter
      .handle(event, this.#nowMs)
      .map(inWords)
      .filter((words) => !words.startsWith('say'))
  }

  says(event: SupervisorEvent): string {
    const said = this.arbiter.handle(event, this.#nowMs).filter((action) => action.type === 'say')
    return said.map(({ text }) => text).join('; ')
  }

  ready(...ids: number[]): string[] {
    return ids.flatMap((id) => this.do({ type: 'ready', id }))
  }

  exit(id: number, code: number | null = 1): string[] {
    return this.do({ type: 'exit', id, code, signal: code === null ? 'SIGKILL' : null })
  }

  beat(...ids: number[]): void {
    for (const id of ids) this.do({ type: 'beat', id })
  }

  tick(): string[] {
    return this.do({ type: 'tick' })
  }

  /** Two workers, 1 and 2, in service since second 0. */
  static inService(settings: Partial<SupervisorSettings> = {}): Scene {
    const scene = new Scene(settings).at(0)
    scene.do({ type: 'start' })
    scene.ready(1, 2)
    return scene
  }

  get states(): string[] {
    return this.arbiter.workers.map(({ id, place, state }) => `${id}@${place} ${state}`)
  }
}

function inWords(action: SupervisorAction): string {
  switch (action.type) {
    case 'spawn':
      return `spawn ${action.id}@${action.place}${action.maxRequests === null ? '' : ` for ${action.maxRequests}`}`
    case 'drain':
      return `drain ${action.id} in ${action.graceS}`
    case 'kill':
      return `kill ${action.id}`
    case 'say':
      return `say ${action.text}`
    case 'end':
      return `end ${action.code}`
  }
}

describe('keeping up', () => {
  test('at the start, every place is filled at once', () => {
    const scene = new Scene({ workers: 3 })
    expect(scene.do({ type: 'start' })).toEqual(['spawn 1@1', 'spawn 2@2', 'spawn 3@3'])
    expect(scene.arbiter.restarts.size).toBe(0)
  })

  test('a worker that dies in service is replaced at once, in its place', () => {
    const scene = Scene.inService().at(60)
    expect(scene.exit(2, null)).toEqual(['spawn 3@2'])
    expect(scene.ready(3)).toEqual([])
    expect(scene.states).toEqual(['1@1 ready', '3@2 ready'])
    expect([...scene.arbiter.exits]).toEqual([['crash', 1]])
    expect([...scene.arbiter.restarts]).toEqual([['crash', 1]])
  })

  test('a worker that ends with 0 although nobody asked it to is replaced too', () => {
    expect(Scene.inService().at(60).exit(1, 0)).toEqual(['spawn 3@1'])
  })

  test('events of workers that are long gone mean nothing', () => {
    const scene = Scene.inService().at(60)
    expect([scene.ready(99), scene.exit(99), scene.do({ type: 'recycle', id: 99 })].flat()).toEqual([])
    scene.beat(99)
  })

  test('one that takes too long to start is killed and replaced', () => {
    const scene = new Scene({ workers: 1 }).at(0)
    scene.do({ type: 'start' })
    expect(scene.at(10).tick()).toEqual([])
    expect(scene.at(10.1).tick()).toEqual(['kill 1', 'spawn 2@1'])
    expect(scene.exit(1, null)).toEqual([])
    expect([...scene.arbiter.exits]).toEqual([['boot-timeout', 1]])
    expect([...scene.arbiter.restarts]).toEqual([['boot-timeout', 1]])
  })
})

describe('a stuck worker', () => {
  test('is killed after the heartbeat timeout and replaced, while the one that beats stays', () => {
    const scene = Scene.inService()
    for (let second = 1; second <= 4; second++) {
      scene.at(second).beat(1)
      expect(scene.tick()).toEqual([])
    }
    scene.at(4.1).beat(1)
    expect(scene.tick()).toEqual(['kill 2', 'spawn 3@2'])
    expect(scene.exit(2, null)).toEqual([])
    expect([...scene.arbiter.restarts]).toEqual([['stuck', 1]])
    expect([...scene.arbiter.exits]).toEqual([['stuck', 1]])
  })

  test('is not suspected when it was the supervisor that did not run', () => {
    const scene = Scene.inService()
    scene.at(1).tick()
    expect(scene.at(3600).tick()).toEqual([])
    expect(scene.at(3601).tick()).toEqual([])
    expect(scene.at(3602).tick()).toEqual([])
  })

  test('is not suspected while it drains: its requests have their own deadline', () => {
    const scene = Scene.inService({ graceS: 60 })
    scene.at(1).do({ type: 'leave', graceS: 60 })
    for (let second = 1; second < 30; second++) expect(scene.at(second).tick()).toEqual([])
  })
})

describe('failed starts', () => {
  test('are tried again after a pause that doubles, up to the limit; then it gives up with the worker’s exit code', () => {
    const scene = new Scene({ workers: 1 }).at(0)
    scene.do({ type: 'start' })
    expect(scene.exit(1, 3)).toEqual([])
    expect(scene.at(0.05).tick()).toEqual([])
    expect(scene.at(0.1).tick()).toEqual(['spawn 2@1'])
    expect(scene.exit(2, 3)).toEqual([])
    expect(scene.at(0.25).tick()).toEqual([])
    expect(scene.at(0.3).tick()).toEqual(['spawn 3@1'])
    expect(scene.exit(3, 3)).toEqual(['end 3'])
    expect([...scene.arbiter.exits]).toEqual([['boot', 3]])
  })

  test('say why they end the server', () => {
    const scene = new Scene({ workers: 1, bootFailureLimit: 1 }).at(0)
    scene.do({ type: 'start' })
    expect(scene.says({ type: 'exit', id: 1, code: null, signal: 'SIGSEGV' })).toBe(
      'worker-1 did not start (SIGSEGV); gave up: 1 failed starts in a row and no worker in service',
    )
  })

  test('for an app that cannot be used are not tried again', () => {
    const scene = new Scene({ workers: 2 }).at(0)
    scene.do({ type: 'start' })
    expect(scene.exit(1, 78)).toEqual(['kill 2'])
    expect(scene.exit(2, null)).toEqual(['end 78'])
  })

  test('count deaths right after the start', () => {
    const scene = new Scene({ workers: 1, bootFailureLimit: 2 }).at(0)
    scene.do({ type: 'start' })
    scene.ready(1)
    expect(scene.at(0.5).exit(1)).toEqual([])
    expect(scene.at(0.6).tick()).toEqual(['spawn 2@1'])
    scene.ready(2)
    expect(scene.at(1.5).exit(2)).toEqual(['end 1'])
  })

  test('are forgotten when a worker that started since has lived for a while', () => {
    const scene = new Scene({ workers: 1, bootFailureLimit: 2 }).at(0)
    scene.do({ type: 'start' })
    scene.exit(1)
    scene.at(1).tick()
    scene.ready(2)
    scene.at(3).beat(2)
    expect(scene.exit(2)).toEqual(['spawn 3@1'])
    expect(scene.exit(3)).toEqual([])
    expect(scene.at(4).tick()).toEqual(['spawn 4@1'])
  })

  test('do not end a server that still has workers: it goes on with those and keeps trying', () => {
    const scene = Scene.inService().at(60)
    scene.beat(1)
    expect(scene.exit(2)).toEqual(['spawn 3@2'])
    let time = 60
    for (const [id, pauseS] of [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5].entries()) {
      expect(scene.at(time).exit(id + 3)).toEqual([])
      scene.beat(1)
      expect(scene.at(time + pauseS - 0.01).tick()).toEqual([])
      scene.beat(1)
      time += pauseS
      expect(scene.at(time).tick()).toEqual([`spawn ${id + 4}@2`])
    }
    expect(scene.states).toContain('1@1 ready')
  })
})

describe('reload', () => {
  test('replaces one after the other, and each old one leaves only when its successor serves', () => {
    const scene = Scene.inService().at(10)
    expect(scene.do({ type: 'reload' })).toEqual(['spawn 3@1'])
    expect(scene.ready(3)).toEqual(['drain 1 in 5', 'spawn 4@2'])
    expect(scene.exit(1, 0)).toEqual([])
    expect(scene.ready(4)).toEqual(['drain 2 in 5'])
    expect(scene.exit(2, 0)).toEqual([])
    expect(scene.states).toEqual(['3@1 ready', '4@2 ready'])
    expect([...scene.arbiter.restarts]).toEqual([['reload', 2]])
    expect([...scene.arbiter.exits]).toEqual([['drained', 2]])
  })

  test('is called off when new workers do not start, and the old ones stay', () => {
    const scene = Scene.inService({ bootFailureLimit: 2 }).at(10)
    expect(scene.do({ type: 'reload' })).toEqual(['spawn 3@1'])
    scene.beat(1, 2)
    scene.exit(3)
    expect(scene.at(10.1).tick()).toEqual(['spawn 4@1'])
    expect(scene.says({ type: 'exit', id: 4, code: 1, signal: null })).toMatch(/reload called off/)
    scene.at(12).beat(1, 2)
    expect(scene.tick()).toEqual([])
    expect(scene.states).toEqual(['1@1 ready', '2@2 ready'])
  })

  test('a second reload also replaces what the first one has just started', () => {
    const scene = Scene.inService({ workers: 1 }).at(10)
    scene.do({ type: 'reload' })
    scene.do({ type: 'reload' })
    expect(scene.ready(2)).toEqual(['drain 1 in 5', 'spawn 3@1'])
    expect(scene.ready(3)).toEqual(['drain 2 in 5'])
  })

  test('survives the death of a worker that was to be replaced', () => {
    const scene = Scene.inService().at(10)
    scene.do({ type: 'reload' })
    expect(scene.exit(2)).toEqual(['spawn 4@2'])
    expect(scene.ready(3)).toEqual(['drain 1 in 5'])
    expect(scene.ready(4)).toEqual([])
  })
})

describe('recycled workers', () => {
  test('are replaced one after the other, or as many at once as may be', () => {
    const recycle = (scene: Scene): string[][] => [1, 2].map((id) => scene.do({ type: 'recycle', id }))
    const one = Scene.inService().at(10)
    expect(recycle(one)).toEqual([['spawn 3@1'], []])
    expect(one.ready(3)).toEqual(['drain 1 in 5', 'spawn 4@2'])
    const two = Scene.inService({ replacedAtOnce: 2 }).at(10)
    expect(recycle(two)).toEqual([['spawn 3@1'], ['spawn 4@2']])
    expect(two.ready(4, 3)).toEqual(['drain 2 in 5', 'drain 1 in 5'])
  })

  test('may leave as their successors are started', () => {
    const scene = Scene.inService({ leavesFirst: 1 }).at(10)
    expect(scene.do({ type: 'recycle', id: 1 })).toEqual(['spawn 3@1', 'drain 1 in 5'])
    expect(scene.do({ type: 'recycle', id: 2 })).toEqual([])
    expect(scene.ready(3)).toEqual(['spawn 4@2', 'drain 2 in 5'])
    expect(scene.ready(4)).toEqual([])
    expect([...scene.arbiter.restarts]).toEqual([['recycled', 2]])
  })

  test('are replaced first and leave then', () => {
    const scene = Scene.inService().at(10)
    expect(scene.do({ type: 'recycle', id: 1 })).toEqual(['spawn 3@1'])
    expect(scene.ready(3)).toEqual(['drain 1 in 5'])
    expect([...scene.arbiter.restarts]).toEqual([['recycled', 1]])
  })

  test('get a limit of their own, so that not all of them leave at once', () => {
    const draws = [0, 0.5, 0.999]
    const scene = new Scene({ workers: 3, maxRequests: 100, maxRequestsJitter: 10 }, () => draws.shift() ?? 0)
    expect(scene.do({ type: 'start' })).toEqual(['spawn 1@1 for 100', 'spawn 2@2 for 105', 'spawn 3@3 for 110'])
  })
})

describe('more and less', () => {
  test('one more takes the next place', () => {
    const scene = Scene.inService().at(10)
    expect(scene.do({ type: 'more' })).toEqual(['spawn 3@3'])
    expect(scene.arbiter.desired).toBe(3)
    expect(scene.arbiter.restarts.size).toBe(0)
  })

  test('one less takes the last place, and the last worker stays', () => {
    const scene = Scene.inService().at(10)
    expect(scene.do({ type: 'less' })).toEqual(['drain 2 in 5'])
    expect(scene.do({ type: 'less' })).toEqual([])
    expect(scene.exit(2, 0)).toEqual([])
    expect(scene.arbiter.desired).toBe(1)
    expect(scene.states).toEqual(['1@1 ready'])
  })

  test('one that is not needed any more before it serves is killed', () => {
    const scene = Scene.inService().at(10)
    scene.do({ type: 'more' })
    expect(scene.do({ type: 'less' })).toEqual(['kill 3'])
    expect(scene.exit(3, null)).toEqual([])
  })
})

describe('leaving', () => {
  test('drains all at once, ends when the last is gone', () => {
    const scene = Scene.inService().at(10)
    expect(scene.do({ type: 'leave', graceS: 5 })).toEqual(['drain 1 in 5', 'drain 2 in 5'])
    expect(scene.exit(2, 0)).toEqual([])
    expect(scene.exit(1, 0)).toEqual(['end 0'])
  })

  test('kills who is not done in time', () => {
    const scene = Scene.inService().at(10)
    scene.do({ type: 'leave', graceS: 5 })
    expect(scene.at(14.9).tick()).toEqual([])
    expect(scene.at(15).tick()).toEqual(['kill 1', 'kill 2'])
    scene.exit(1, null)
    expect(scene.exit(2, null)).toEqual(['end 0'])
    expect([...scene.arbiter.exits]).toEqual([['drain-timeout', 2]])
  })

  test('at once, when asked a second time with less patience', () => {
    const scene = Scene.inService().at(10)
    scene.do({ type: 'leave', graceS: 60 })
    scene.do({ type: 'leave', graceS: 0 })
    expect(scene.tick()).toEqual(['kill 1', 'kill 2'])
  })

  test('replaces nobody, and hears no other wish', () => {
    const scene = Scene.inService().at(10)
    scene.do({ type: 'leave', graceS: 5 })
    expect([scene.do({ type: 'reload' }), scene.do({ type: 'more' }), scene.exit(1)].flat()).toEqual([])
  })

  test('before anything has started ends at once', () => {
    expect(new Scene().do({ type: 'leave', graceS: 5 })).toEqual(['end 0'])
  })
})
