import type { LabResult } from '../../../core/lab-record.ts'
import { KNOWN_PICTURES } from './known-pictures.ts'

/** The result of a made-up lab with a picture of each kind. */
export function knownLab(change: Partial<LabResult> = {}): LabResult {
  return {
    schema: 'forkwise/lab-result@1',
    manifest: {
      schema: 'forkwise/lab-manifest@1',
      id: '2026-11-26-120000-lab-known',
      createdAt: '2026-11-26T12:00:00.000Z',
      forkwiseVersion: '0.2.0',
      command: 'npx forkwise lab known --quick --seed 7',
      machine: {
        id: '0123456789ab',
        cpu: 'AMD EPYC',
        cores: 2,
        memoryBytes: 8 * 2 ** 30,
        platform: 'Debian GNU/Linux 12 x64',
        kernel: 'Linux 6.1',
        node: 'v20.20.2',
        v8: '11.3',
      },
      lab: 'known',
      quick: true,
      seed: 7,
      change: { name: 'seconds', value: 1 },
      python: null,
      cases: [{ id: 'inline', name: 'is_prime, inline', language: 'node' }],
      lacks: [{ what: 'Python is missing: its half of the lab is left out.', remedy: 'Install Python 3.9 or newer.' }],
      predictions: { inline: 'turns' },
    },
    number: 1,
    title: 'Which spinners freeze?',
    source: 'Fluent Python, chapter 19',
    question: 'Which spinners stand still meanwhile?',
    misconception: '`async` makes work non-blocking',
    beliefEnds: 'confirmed',
    figures: { longestGapMs: { title: 'longest standstill', unit: 'ms' } },
    cells: [
      {
        id: 'inline',
        name: 'is_prime, inline',
        language: 'node',
        figures: {
          longestGapMs: { estimate: 1000, low: 980, high: 1020, values: [990, 1000, 1010], repeats: [1, 2, 3] },
        },
        words: { spinner: ['freezes', 'freezes', 'freezes'] },
        failures: [],
      },
    ],
    answers: [
      { id: 'inline', label: 'is_prime, inline', unit: '', predicted: 'turns', happened: 'freezes', right: false },
      { id: 'thread', label: 'worker thread', unit: '', predicted: 'turns', happened: 'turns', right: true },
      { id: 'ratio', label: 'how many times', unit: '×', predicted: null, happened: 2, right: null },
    ],
    claims: [
      { id: 'a', outcome: 'confirmed', sentence: 'An `async` function stood still for 1000 ms.' },
      { id: 'b', outcome: 'does not hold here', sentence: 'Two were as fast as one: 1.02×.' },
      { id: 'c', outcome: 'undecided', sentence: 'Threads: not measured.' },
    ],
    paragraph: 'It stood still for 1000 ms <while> the number was tested.',
    pictures: KNOWN_PICTURES,
    words: [{ word: 'inline', means: 'done at once on the thread that asks for it, with `await` or without' }],
    change: { help: 'How long the work takes.', line: 'npx forkwise lab known --set seconds=3' },
    servers: { text: 'A handler that computes freezes its process.', line: 'npx forkwise compare --quick' },
    ...change,
  }
}
