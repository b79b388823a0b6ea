import type { OptionsOf, SettingsOf } from './option.ts'
import type { COMPARE } from './sets/comparison.ts'

/** Options of {@link prepareComparison}. */
export type CompareOptions = OptionsOf<typeof COMPARE>

/** The same, checked and read. */
export type CompareSettings = SettingsOf<typeof COMPARE>
