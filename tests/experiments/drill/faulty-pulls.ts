import type { Drill, LeverPull } from '../../../experiments/drill/drill.ts'

/** The pulls that a drill has no lever for, or not with that value. */
export function faultyPulls({ levers }: Drill, pulls: readonly LeverPull[]): LeverPull[] {
  return pulls.filter(({ lever: id, value: word }) => {
    const value = levers.find((lever) => lever.id === id)?.value
    if (value === undefined) return true
    if (value.kind === 'none') return word !== undefined
    if (value.kind === 'choice') return word === undefined || !value.choices.includes(word)
    if (value.kind === 'text') return word === undefined
    const number = Number(word)
    return !(number >= value.min && number <= value.max)
  })
}
