#!/usr/bin/env node
// Checked before anything else is loaded: an older Node may not even parse the rest.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `forkwise: Expected Node 20.19 or newer, got ${process.version}.\n  Install a newer Node, e.g. from nodejs.org or with a version manager.\n`,
  )
  process.exitCode = 3
} else {
  const { runCommandLine } = await import('./command-line.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2))
}
