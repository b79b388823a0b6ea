import { METRICS } from '../../../core/metrics.ts'
import { type Alert, testSeries } from '../rule.ts'

const ID = 'run_id="r",model="cluster",workload="cpu"'

/** Alerts on the measurement itself. */
export const GENERATOR_ALERTS: readonly Alert[] = [
  {
    name: 'LoadGeneratorSaturated',
    expr: `avg_over_time(${METRICS.loadCpu.name}[10s]) > 0.9`,
    forS: 5,
    severity: 'warning',
    summary: 'The generator is {{ $value | humanizePercentage }} busy: the figures of {{ $labels.model }} are its own',
    runbook: {
      means:
        'The load generator’s event loop has been more than 90 % busy for fifteen seconds. What is measured now is the generator, not the server; Forkwise marks such a trial.',
      lookAt: [
        'Lateness on “Generator and data quality”: sends that come late are the first sign.',
        'Whether generator and server share cores: then each slows the other.',
      ],
      act: [
        'Use a workload with more work for each request; the cheapest handler is faster than any generator in one process.',
        'With four cores or more Forkwise gives the generator cores of its own; free some.',
        'Compare CPU per request instead of throughput: it does not depend on the generator.',
      ],
    },
    firing: {
      why: 'the generator is 97 % busy',
      series: testSeries([`${METRICS.loadCpu.name}{job="forkwise-run",${ID}}`, '0.97x60']),
      atS: 30,
      labels: { run_id: 'r', model: 'cluster', workload: 'cpu', job: 'forkwise-run' },
      summary: 'The generator is 97% busy: the figures of cluster are its own',
    },
    quiet: {
      why: 'the generator is busy for three seconds',
      series: testSeries([`${METRICS.loadCpu.name}{job="forkwise-run",${ID}}`, '0.5x10 1x3 0.5x40']),
      atS: 16,
    },
  },
]
