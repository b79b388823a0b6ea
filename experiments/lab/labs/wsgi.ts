import { statSync } from 'node:fs'
import { allOf, judge, judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { RunningServer } from '../../../cluster/model.ts'
import type { BarsPicture, LabClaim, LabLanguage, FlowPicture } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import type { Estimate } from '../../../core/records.ts'
import { timesText } from '../figure-text.ts'
import { lacksOfModels, standingServers } from '../lab-server.ts'
import type { Lab, LabCase, LabEvidence, LabSetting } from '../lab.ts'
import type { LabPart } from '../telling.ts'

interface Deployment {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  readonly model: string
  readonly workers: number
  /** Left out of quick runs. */
  readonly isExtra?: true
}

const DEPLOYMENTS: readonly Deployment[] = [
  gunicorn(1),
  gunicorn(2),
  { ...gunicorn(4), isExtra: true },
  { id: 'uvicorn-1', name: 'Uvicorn, 1 worker (ASGI)', language: 'python', model: 'uvicorn', workers: 1 },
  { id: 'nginx-node-2', name: 'NGINX, 2 processes of Node', language: 'node', model: 'nginx-fork', workers: 2 },
]

const ONE = 'gunicorn-1'
const TWO = 'gunicorn-2'
const ASYNC = 'uvicorn-1'

/** Two workers are at least so many times as fast as one, on cores that the clients share, or the second adds nothing. */
const MULTIPLIES = 1.15
/** An event loop answers at least so many times as many waiting requests as a worker that has one in hand. */
const WAITS_ASIDE = 2
/** NGINX answers all requests for a file, but for those before it was counted, in %. */
const NEARLY_ALL_PERCENT = 99

const SERVERS = ['NGINX', 'a worker'] as const

/** What clients ask for, as the client program calls it. */
const KINDS: readonly (readonly [kind: 'file' | 'compute' | 'wait', title: string])[] = [
  ['file', 'a file of 10 KiB'],
  ['compute', 'a computation'],
  ['wait', 'an answer after 50 ms'],
]

/** Lab 15: the deployment of a Python site, measured on its arrows. */
export const lab: Lab = {
  id: 'wsgi',
  number: 15,
  title: 'Who does what in a deployment?',
  source: 'Fluent Python, 2nd edition, chapter 19: WSGI application servers',
  question:
    'NGINX stands in front of Gunicorn, whose workers run a Python site, each with one request in hand. Who answers for a file, and what does a second worker give?',
  asks: [
    { id: 'file', label: 'a static file is sent by', kind: 'choice', choices: SERVERS, claims: ['nginx-serves-files'] },
    {
      id: 'second',
      label: 'computations with two workers, of those with one',
      asked: 'two workers answer how many times as many computations as one',
      kind: 'number',
      unit: '×',
      within: 1.25,
      claims: ['workers-multiply'],
    },
    {
      id: 'loop',
      label: 'answers that only wait, from one event loop, of those from one such worker (4 clients)',
      asked: 'of answers that only wait, one event loop gives 4 clients how many times as many as one such worker',
      kind: 'number',
      unit: '×',
      within: 1.5,
      claims: ['one-request-in-hand'],
    },
  ],
  misconception: 'a site needs asyncio to use all cores',
  endedBy: ['cores-without-asyncio'],
  figures: {
    fileRatePerS: { title: 'files', unit: '/s' },
    computeRatePerS: { title: 'computations', unit: '/s' },
    waitRatePerS: { title: 'answers after 50 ms', unit: '/s' },
    byNginxPercent: { title: 'files that NGINX answered', unit: '%' },
  },
  change: {
    name: 'milliseconds',
    help: 'How long each deployment is asked in a repetition.',
    schema: { type: 'integer', minimum: 500, maximum: 3000 },
    default: 700,
    example: 2000,
  },
  extent: { quick: { repeats: 5, expectedS: 20 }, full: { repeats: 7, expectedS: 55 } },
  timelessClaims: ['nginx-serves-files'],
  programs: [
    'wsgi-clients.ts',
    '../../../server/python/wsgi_unit.py',
    '../../../server/python/app.py',
    '../../../server/handlers/cpu-prime.ts',
  ],
  lacks: () => lacksOfModels(DEPLOYMENTS.map(({ model }) => model)),
  cases,
  outcomes: ({ figures }) => {
    const byNginx = figures.of(TWO, 'byNginxPercent')
    return {
      file: byNginx === null ? null : SERVERS[byNginx.estimate > 50 ? 0 : 1],
      second: rounded(figures.ratio(TWO, ONE, 'computeRatePerS')),
      loop: rounded(figures.ratio(ASYNC, ONE, 'waitRatePerS')),
    }
  },
  claims: ({ figures, manifest }) => [
    fileClaim(figures),
    coresClaim(figures, manifest.machine.cores, {
      id: 'workers-multiply',
      base: ONE,
      says: 'A second worker computes on a second core.',
      others: 'one',
    }),
    coresClaim(figures, manifest.machine.cores, {
      id: 'cores-without-asyncio',
      base: ASYNC,
      says: 'Workers use more cores without asyncio than an event loop with it.',
      others: 'one event loop',
    }),
    waitClaim(figures),
  ],
  explain,
  pictures: ({ figures }) => [deployment(figures), rates(figures)],
  servers: {
    text: 'All WSGI and ASGI servers, behind NGINX or not, can be compared with those of Node.',
    line: 'npx forkwise compare --models nginx-gunicorn,uvicorn,nginx-fork,cluster --workloads site,cpu --quick',
  },
}

function gunicorn(workers: number): Deployment {
  return {
    id: `gunicorn-${workers}`,
    name: `NGINX, Gunicorn with ${workers} sync ${workers === 1 ? 'worker' : 'workers'}`,
    language: 'python',
    model: 'nginx-gunicorn',
    workers,
  }
}

function cases({ change, quick, lacks }: LabSetting): LabCase[] {
  const serverOf = standingServers()
  return DEPLOYMENTS.filter(({ isExtra }) => isExtra !== true || !quick)
    .filter(({ model }) => !lacks.some(({ what }) => what.startsWith(`${model} `)))
    .map(({ id, name, language, model, workers }) => ({
      id,
      name,
      language,
      measure: async (context) => {
        const server = await serverOf(context, model, { workers })
        const before = await answeredByNginx(server)
        const { result } = await context.run('wsgi-clients.ts', { url: server.targets[0], ms: Number(change) })
        const files = Number(result['files'])
        const byNginxPercent = (100 * ((await answeredByNginx(server)) - before)) / files
        const ratesPerS = KINDS.map(([kind]) => [`${kind}RatePerS`, Number(result[`${kind}RatePerS`])] as const)
        return { figures: { ...Object.fromEntries(ratesPerS), byNginxPercent } }
      },
    }))
}

/** Requests for a file that NGINX has answered itself: it notes two bytes for each. */
async function answeredByNginx(server: RunningServer): Promise<number> {
  const file = (await server.units()).find(({ answeredFile }) => answeredFile !== undefined)?.answeredFile
  return file === undefined ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 2
}

function rounded(ratio: Estimate | null): number | null {
  return ratio === null ? null : Math.round(ratio.estimate * 100) / 100
}

function fileClaim(figures: LabFigures): LabClaim {
  const shares = figures.valuesOf([ONE, TWO], 'byNginxPercent')
  return {
    id: 'nginx-serves-files',
    outcome: judgeSeen(shares.map((percent) => percent > NEARLY_ALL_PERCENT)),
    sentence: `NGINX sends files itself. Here, in front of Gunicorn, it answered ${shares.length === 0 ? 'an unknown share' : `${formatCount(Math.min(...shares))} %`} of the requests for a file.`,
  }
}

function coresClaim(
  figures: LabFigures,
  cores: number,
  {
    id,
    base,
    says,
    others,
  }: { readonly id: string; readonly base: string; readonly says: string; readonly others: string },
): LabClaim {
  const ratio = figures.ratio(TWO, base, 'computeRatePerS')
  return {
    id,
    outcome: cores < 2 ? 'undecided' : judge(ratio, { above: MULTIPLIES }),
    sentence:
      cores < 2
        ? 'On one core there is nothing for a second worker to compute on.'
        : `${says} Here two sync workers answered ${timesText(ratio)} as many computations as ${others}.`,
  }
}

/** One sync worker has one request in hand, so that the others wait; an event loop has any number. */
function waitClaim(figures: LabFigures): LabClaim {
  const ratio = figures.ratio(ASYNC, ONE, 'waitRatePerS')
  const one = figures.of(ONE, 'waitRatePerS')
  return {
    id: 'one-request-in-hand',
    outcome: allOf([
      judge(ratio, { above: WAITS_ASIDE }),
      // Answers that wait for 50 ms, one after the other, are 20 in a second at most.
      judgeSeen((one?.values ?? []).map((perS) => perS <= 20.5)),
    ]),
    sentence: `A sync worker has one request in hand, and an event loop any number. Here one sync worker gave ${rateText(figures, ONE, 'wait')} answers that wait for 50 ms, and one event loop ${timesText(ratio)} as many.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const rate = (id: string, kind: 'file' | 'compute' | 'wait'): string => rateText(figures, id, kind)
  return [
    ...(figures.cell(TWO) === null
      ? []
      : [
          {
            measured: `With NGINX in front of Gunicorn, ${rate(TWO, 'file')} files were answered`,
            so: 'NGINX sends them itself, without any worker',
            claims: ['nginx-serves-files'],
          },
          {
            measured: `One sync worker answered ${rate(ONE, 'compute')} computations, two answered ${rate(TWO, 'compute')}`,
            so: 'a second worker uses a second core',
            claims: ['workers-multiply'],
          },
          {
            measured: `One event loop of Uvicorn answered ${rate(ASYNC, 'compute')}`,
            so: 'a site needs no line of asyncio to use the cores',
            claims: ['workers-multiply', 'cores-without-asyncio'],
          },
          {
            measured: `Of what only waits, one sync worker gave ${rate(ONE, 'wait')}, two gave ${rate(TWO, 'wait')}, and one event loop gave ${rate(ASYNC, 'wait')}`,
            so: 'a sync worker has one request in hand, and the others wait',
            claims: ['one-request-in-hand'],
          },
        ]),
    ...(figures.cell('nginx-node-2') === null
      ? []
      : [
          {
            measured: `Two processes of Node behind NGINX gave ${rate('nginx-node-2', 'compute')} of the same computations, ${rate('nginx-node-2', 'wait')} of what waits and ${rate('nginx-node-2', 'file')} files, which they sent themselves`,
          },
        ]),
  ]
}

/** The deployment as the chapter draws it: who stands behind whom, and how much of each thing is answered by whom. */
function deployment({ cells }: LabFigures): FlowPicture {
  return {
    kind: 'flow',
    id: 'deployment',
    title: 'Who answers what',
    note: 'An arrow for each thing that clients ask for, to whoever answers it, with the answers of a second.',
    flows: cells.map(({ id, name, language, figures }) => {
      const { workers = 1, model = '' } = DEPLOYMENTS.find((each) => each.id === id) ?? {}
      const isBehindNginx = model.startsWith('nginx-')
      const boxes = ['clients', ...(isBehindNginx ? ['NGINX'] : []), workers === 1 ? '1 worker' : `${workers} workers`]
      const byNginx = (figures['byNginxPercent']?.estimate ?? 0) > 50
      return {
        name,
        group: language === 'node' ? 'Node' : 'Python',
        boxes,
        arrows: KINDS.flatMap(([kind, what]) => {
          const rate = figures[`${kind}RatePerS`]
          if (rate === undefined) return []
          const isNginx = kind === 'file' && byNginx
          const label = `${formatCount(rate.estimate)}/s`
          return [
            { what, label, to: isNginx ? 1 : boxes.length - 1, tone: isNginx ? ('good' as const) : ('plain' as const) },
          ]
        }),
      }
    }),
  }
}

function rates({ cells }: LabFigures): BarsPicture {
  return {
    kind: 'bars',
    id: 'rates',
    title: 'What each deployment answers',
    note: 'Answers a second, one kind of request at a time, with 95 % intervals.',
    unit: '/s',
    log: true,
    bars: cells.flatMap(({ name, figures }) =>
      KINDS.flatMap(([kind, title]) => {
        const rate = figures[`${kind}RatePerS`]
        if (rate === undefined) return []
        return [{ name: title, group: name, value: rate.estimate, low: rate.low, high: rate.high, predicted: null }]
      }),
    ),
  }
}

function rateText(figures: LabFigures, id: string, kind: 'file' | 'compute' | 'wait'): string {
  const rate = figures.of(id, `${kind}RatePerS`)
  return rate === null ? 'an unknown number of' : `${formatCount(rate.estimate)}/s`
}
