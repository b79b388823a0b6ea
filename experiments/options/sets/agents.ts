/** Machines that send the load. */
export const AGENTS = {
  agents: {
    schema: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    help: 'Load agents that send the load together, by their addresses (docs/DISTRIBUTED.md).',
    otherwise: 'this machine sends it',
    line: { value: 'host:port,…', words: 'list' },
  },
  identity: {
    schema: { type: 'string', minLength: 1 },
    help: 'With agents: the controller.pem of their campaign.',
    path: 'file',
    line: { value: 'file' },
  },
} as const
