import { expect, test, vi } from 'vitest'
import { Complaints } from '../../agents/complaints.ts'

test('ten thousand of the same are one line and a number, another reason is a line of its own', () => {
  vi.useFakeTimers()
  try {
    const lines: string[] = []
    const complaints = new Complaints((line) => lines.push(line))
    for (let i = 0; i < 10_000; i++) complaints.refused(`10.0.0.9:${i}`, 'too many')
    complaints.refused('10.0.0.8:1', 'no\ncertificate')
    expect(lines).toEqual(['refused 10.0.0.9:0: too many', 'refused 10.0.0.8:1: no certificate'])
    vi.advanceTimersByTime(1000)
    expect(lines.slice(2)).toEqual(['refused 9999 more: too many'])
    complaints.refused('10.0.0.9:1', 'too many')
    complaints.refused('10.0.0.9:2', 'too many')
    complaints.close()
    expect(lines.slice(3)).toEqual(['refused 10.0.0.9:1: too many', 'refused 1 more: too many'])
  } finally {
    vi.useRealTimers()
  }
})
