import type { ProblemList } from '../core/errors.ts'
import { quoted } from '../core/quotes.ts'

/** The port of agents that are given without one. */
export const AGENT_PORT = 7420

/** Where an agent listens. */
export interface AgentAddress {
  readonly host: string
  readonly port: number
}

/** Reads `host`, `host:port` or `[address]:port`; null, with the problem noted, for anything else. */
export function readAddress(text: string, option: string, problems: ProblemList): AgentAddress | null {
  const [, bracketed, plain = bracketed, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = digits === undefined ? AGENT_PORT : Number(digits)
  if (plain !== undefined && port <= 65_535) return { host: plain, port }
  problems.add(
    `Expected \`${option}\` to be an address like 10.0.0.2:${AGENT_PORT}, got ${quoted(text)}.`,
    `Without a port, ${AGENT_PORT} is meant.`,
  )
  return null
}

/** An address as it is written. */
export function addressText({ host, port }: AgentAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
