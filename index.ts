export { ForkwiseError, type ErrorCode, type Problem } from './core/errors.ts'
export { defineConfig, type ForkwiseConfig } from './experiments/options/configuration.ts'
