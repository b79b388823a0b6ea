import type { LabPicture } from '../../../core/lab-record.ts'

/** A picture of each kind, as labs make them. */
export const KNOWN_PICTURES: readonly LabPicture[] = [
  {
    kind: 'dots',
    id: 'frames',
    title: 'Frames of each spinner',
    note: 'Each dot is a frame; where dots are missing in the work, the spinner stood still.',
    spanMs: 1200,
    lanes: [
      {
        name: 'is_prime, inline',
        group: 'Node',
        dotsMs: [100, 200, 1050, 1150],
        spans: [{ fromMs: 250, toMs: 1000, label: 'work', tone: 'busy' }],
        label: 'freezes (you: turns)',
      },
      {
        name: 'coroutine, is_prime with naps',
        group: 'Python',
        dotsMs: [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100],
        spans: [{ fromMs: 250, toMs: 900, label: 'work', tone: 'busy' }],
        label: 'turns',
      },
    ],
  },
  {
    kind: 'gantt',
    id: 'workers',
    title: 'Which worker tested which number, when',
    note: 'Each bar is a number.',
    spanMs: 4200,
    lanes: [
      {
        name: 'worker 1',
        group: 'worker threads',
        bars: [
          { fromMs: 300, toMs: 1800, label: '142702110479723', tone: 'busy' },
          { fromMs: 1800, toMs: 4000, label: '299593572317531', tone: 'good' },
        ],
      },
      { name: 'worker 2', group: 'worker threads', bars: [{ fromMs: 400, toMs: 900, label: '7', tone: 'bad' }] },
    ],
  },
  {
    kind: 'curve',
    id: 'time',
    title: 'Time against the number of processes',
    note: 'In per cent of the time with one, with 95 % intervals.',
    x: { title: 'processes', unit: '', log: true },
    y: { title: 'time', unit: '% of one', log: false },
    series: [
      {
        name: 'the author, six cores',
        style: 'reference',
        points: [
          { x: 1, y: 100, low: null, high: null },
          { x: 6, y: 25, low: null, high: null },
          { x: 20, y: 26, low: null, high: null },
        ],
      },
      {
        name: 'processes',
        style: 'measured',
        points: [
          { x: 1, y: 100, low: 97, high: 103 },
          { x: 2, y: 55, low: 50, high: 61 },
          { x: 20, y: 80, low: 60, high: 105 },
        ],
      },
      { name: 'you', style: 'predicted', points: [{ x: 20, y: 10, low: null, high: null }] },
    ],
    marks: [{ x: 2, label: 'cores' }],
  },
  {
    kind: 'bars',
    id: 'cost',
    title: 'What starting one costs',
    note: 'On a logarithmic scale.',
    unit: 'µs',
    log: true,
    bars: [
      { name: 'process', group: 'Node', value: 42_000, low: 40_000, high: 44_500, predicted: 1000 },
      { name: 'thread', group: 'Node', value: 13_500, low: 12_000, high: 15_100, predicted: null },
      { name: 'promise', group: 'Node', value: 0.21, low: null, high: null, predicted: null },
    ],
  },
  {
    kind: 'matrix',
    id: 'heard',
    title: 'Who hears of it',
    note: 'Measured in every repetition.',
    columns: ['exception', 'rejection', 'SIGKILL'],
    rows: [
      {
        name: 'awaited promise',
        group: '',
        cells: [
          { text: 'caller told', tone: 'good' },
          { text: 'caller told', tone: 'good' },
          { text: 'process dies', tone: 'bad' },
        ],
      },
      {
        name: 'timer',
        group: '',
        cells: [
          { text: 'process dies', tone: 'bad' },
          { text: 'nobody', tone: 'faint' },
          { text: 'process dies', tone: 'bad' },
        ],
      },
    ],
  },
  {
    kind: 'heat',
    id: 'latencies',
    title: 'Latencies over time',
    note: 'The darker, the more answers took that long.',
    x: { title: 'time', unit: 's', edges: [0, 1, 2, 3, 4] },
    y: { title: 'latency', unit: 'ms', edges: [0, 10, 100, 1000] },
    counts: [
      [90, 80, 0, 85],
      [10, 12, 1, 9],
      [0, 0, 40, 2],
    ],
  },
  {
    kind: 'ledger',
    id: 'jobs',
    title: 'What became of each job',
    note: 'In the order of the jobs.',
    columns: ['job', 'taken by', 'after', 'ended'],
    rows: [
      { cells: ['1', 'worker 2', '12 ms', 'answered'], tone: 'good' },
      { cells: ['2', 'worker 1', '13 ms', 'lost'], tone: 'bad' },
    ],
  },
  {
    kind: 'flow',
    id: 'deployment',
    title: 'Who answers what',
    note: 'An arrow from the clients to whoever answers, with answers a second.',
    flows: [
      {
        name: 'NGINX, Gunicorn with 2 sync workers',
        group: 'Python',
        boxes: ['clients', 'NGINX', '2 workers'],
        arrows: [
          { what: 'a file', label: '2,140/s', to: 1, tone: 'good' },
          { what: 'a computation', label: '108/s', to: 2, tone: 'plain' },
        ],
      },
      {
        name: 'Uvicorn with one worker',
        group: 'Python',
        boxes: ['clients', '1 worker'],
        arrows: [
          { what: 'a file', label: '310/s', to: 1, tone: 'plain' },
          { what: 'a computation', label: '55.2/s', to: 1, tone: 'plain' },
        ],
      },
    ],
  },
]
