import { arch, platform } from 'node:os'
import { findTool } from './tools.ts'

/** The program of Bun, where its npm package is installed; null elsewhere. */
export function findBun(): string | null {
  // The package's own program is put in place by a script that npm may not be allowed to run.
  return findTool(`@oven/bun-${platform()}-${ARCHITECTURES[arch()] ?? arch()}/bin/bun`, 'bun/bin/bun.exe')
}

/** The program of Deno, where its npm package is installed; null elsewhere. */
export function findDeno(): string | null {
  const flavour = platform() === 'linux' ? '-glibc' : ''
  return findTool(`@deno/${platform()}-${arch()}${flavour}/deno`, 'deno/deno')
}

/** Names of processors as Bun's packages have them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm64: 'aarch64' }
