import type { Drill, Stage } from '../../../experiments/drill/drill.ts'
import { Desk, type NewAct } from '../../../experiments/drill/desk.ts'

/** A desk of a made-up drill with two levers, and what was noted and pulled. */
export interface MadeUpDesk {
  readonly desk: Desk
  readonly acts: NewAct[]
  readonly pulled: string[]
  readonly stage: { readonly levers: Map<string, string> }
}

/** Makes it; `pull` is what a lever does with its value. */
export function madeUpDesk(
  pull: (value: string) => Promise<string> = (value) => Promise.resolve(`it is ${value}`),
): MadeUpDesk {
  const acts: NewAct[] = []
  const pulled: string[] = []
  const stage = { levers: new Map<string, string>(), targets: [new URL('http://127.0.0.1:1')] }
  const drill: Pick<Drill, 'id' | 'title' | 'page' | 'goal' | 'levers' | 'hints' | 'questions'> = {
    id: 'made-up',
    title: 'A made-up drill',
    page: 'It does not work.',
    goal: { text: 'It works.', judge: () => [] },
    hints: ['first', 'second', 'third'],
    questions: [
      { id: 'cause', text: 'Why?', choices: ['this', 'that', 'something else'], right: 'this', why: 'It is.' },
    ],
    levers: [
      {
        id: 'workers',
        help: 'Workers.',
        value: { kind: 'number', min: 1, max: 8, whole: true, unit: 'workers' },
        initial: '2',
        pull: (_stage, value) => {
          pulled.push(value)
          return pull(value)
        },
      },
      {
        id: 'reload',
        help: 'Reload.',
        value: { kind: 'none' },
        initial: null,
        pull: () => Promise.resolve('reloaded'),
      },
    ],
  }
  const desk = new Desk(drill as Drill, stage as unknown as Stage & { levers: Map<string, string> }, (act) =>
    acts.push(act),
  )
  return { desk, acts, pulled, stage }
}
