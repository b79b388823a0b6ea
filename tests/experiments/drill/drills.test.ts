import { expect, test } from 'vitest'
import { ALERTS } from '../../../dashboards/rules/alerts.ts'
import { DRILLS_OF_ALERT } from '../../../dashboards/rules/practice.ts'
import { faultyPulls } from './faulty-pulls.ts'
import { drillIds, loadDrill, loadDrills } from '../../../experiments/drill/drills.ts'

const drills = await loadDrills()

test('there are drills, of which the first level comes first', () => {
  expect(drills.length).toBeGreaterThan(0)
  expect(drills.map(({ level }) => level)).toEqual(drills.map(({ level }) => level).toSorted((a, b) => a - b))
  expect(new Set(drills.map(({ number }) => number)).size).toBe(drills.length)
})

test('a drill of another name is refused with the nearest', async () => {
  await expect(loadDrill('blocked-lop')).rejects.toMatchObject({
    code: 'UNKNOWN_NAME',
    problems: [{ hint: expect.stringContaining('blocked-loop') }],
  })
})

test.each(drillIds())('%s is whole', async (id) => {
  const drill = await loadDrill(id)
  expect(drill.questions.length).toBeGreaterThanOrEqual(3)
  for (const { choices, right } of drill.questions) {
    expect(choices).toContain(right)
    expect(new Set(choices).size).toBe(choices.length)
    expect(choices.length).toBeGreaterThanOrEqual(3)
  }
  const { reference, other, wrongTurn, alert } = drill.debrief
  expect(reference.pulls).not.toEqual(other.pulls)
  for (const { pulls } of [reference, other, wrongTurn]) expect(faultyPulls(drill, pulls)).toEqual([])
  if (alert !== null) expect(ALERTS.map(({ name }) => name)).toContain(alert)
  const routes = drill.loads.flatMap(({ requests }) => requests.map(({ route }) => route))
  for (const route of Object.keys(drill.late)) expect(routes).toContain(route)
})

test('the runbook names the drills in which each alert should fire, and no others', () => {
  const byAlert: Record<string, string[]> = {}
  for (const { id, debrief } of drills) if (debrief.alert !== null) (byAlert[debrief.alert] ??= []).push(id)
  const sorted = (names: Readonly<Record<string, readonly string[]>>): unknown =>
    Object.fromEntries(Object.entries(names).map(([alert, ids]) => [alert, ids.toSorted()]))
  expect(sorted(DRILLS_OF_ALERT)).toEqual(sorted(byAlert))
})
