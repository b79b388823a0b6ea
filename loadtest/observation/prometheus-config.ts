import { RUN_JOB, UNIT_JOB } from './targets.ts'

/** File below `targets/` that names the units of the running launch. */
export const UNIT_TARGETS_FILE = 'units.json'

/** File below `targets/` that names where the run's own series are. */
export const RUN_TARGETS_FILE = 'run.json'

/**
 * Prometheus' configuration: one reading a second of every target that the files in `targets/` name. Paths are relative
 * to the configuration, so that the folder can be moved. JSON is YAML.
 */
export function prometheusConfig(options: { readonly rules: boolean }): string {
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    ...(options.rules ? { rule_files: ['rules.yml'] } : {}),
    scrape_configs: [
      { job_name: UNIT_JOB, file_sd_configs: [{ files: [`targets/${UNIT_TARGETS_FILE}`] }] },
      {
        // One place speaks for every launch in turn, so it names the launch itself.
        job_name: RUN_JOB,
        honor_labels: true,
        file_sd_configs: [{ files: [`targets/${RUN_TARGETS_FILE}`] }],
      },
    ],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
