import diagnosticsChannel from 'node:diagnostics_channel'

/**
 * Tells how long each call to the dependency took, in seconds (a number), to whoever listens; costs next to nothing
 * while nobody does. A channel, so that handlers need to know nothing of metrics.
 */
export const dependencyCalls: diagnosticsChannel.Channel = diagnosticsChannel.channel('forkwise:dependency-call')
