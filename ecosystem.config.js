// The app under PM2, for people and for Forkwise:
//
//   npx pm2 start ecosystem.config.js                          both entries, two workers each
//   npx pm2 start ecosystem.config.js --only forkwise-fork     fork mode: ports 3000, 3001, …
//   npx pm2 start ecosystem.config.js --only forkwise-cluster  cluster mode: all on port 3100 (PORT + 100)
//   FORKWISE_PM2_WORKERS=4 PORT=8000 npx pm2 start ecosystem.config.js --only forkwise-fork
//   npx pm2 delete ecosystem.config.js                         ends them
//
// The models pm2-fork and pm2-cluster start PM2 with this same file and a PM2_HOME of their own.
import { join } from 'node:path'

const { env } = process
const port = Number(env.PORT ?? 3000)
const launchDir = env.FORKWISE_LAUNCH_DIR
const graceS = Number(env.FORKWISE_GRACE_S ?? 5)

// A command of the user's own (`forkwise compare --start`) instead of our server.
const command = env.FORKWISE_PM2_COMMAND

const common = {
  ...(command === undefined
    ? { script: env.FORKWISE_PM2_SCRIPT ?? join(import.meta.dirname, 'dist', 'server', 'main.js') }
    : { script: '/bin/sh', args: ['-c', command] }),
  // Where the command was typed: what an app reads by a relative path is the same under every model.
  cwd: process.cwd(),
  instances: Number(env.FORKWISE_PM2_WORKERS ?? 2),
  // An own Node (`forkwise compare --node PATH`); PM2 runs workers in cluster mode on the Node that runs PM2.
  ...(command !== undefined
    ? { interpreter: 'none' }
    : env.FORKWISE_PM2_NODE === undefined
      ? {}
      : { interpreter: env.FORKWISE_PM2_NODE }),
  // Who is asked to leave gets the time to finish its requests (1.6 s is PM2's default).
  kill_timeout: graceS * 1000,
  // A reload asks an old worker to leave when the new one listens, or after this long all the same: with PM2's default of 3 s a
  // busy machine, on which a start takes 5 s, is left without a worker and closes every connection.
  listen_timeout: 30_000,
  // A worker that cannot start is given up after the second try, not after the sixteenth.
  max_restarts: 2,
  min_uptime: 1000,
  // Nothing that measures, reports or looks at git in the background of a measurement.
  pmx: false,
  automation: false,
  vizion: false,
  merge_logs: true,
  ...(launchDir === undefined
    ? {}
    : { out_file: join(launchDir, 'logs', 'workers.log'), error_file: join(launchDir, 'logs', 'workers.log') }),
}

// An empty FORKWISE_UNIT has each worker named after its instance: worker-1, worker-2, …
const fork = {
  ...common,
  name: 'forkwise-fork',
  exec_mode: 'fork',
  // One port each: several processes in fork mode cannot share one.
  increment_var: 'PORT',
  env: { PORT: port, FORKWISE_UNIT: '' },
}

const cluster = {
  ...common,
  name: 'forkwise-cluster',
  exec_mode: 'cluster',
  env: { PORT: env.FORKWISE_PM2_MODE === 'cluster' ? port : port + 100, FORKWISE_UNIT: '' },
}

const entries = [fork, cluster]

export const apps =
  env.FORKWISE_PM2_MODE === undefined ? entries : entries.filter((entry) => entry.exec_mode === env.FORKWISE_PM2_MODE)
