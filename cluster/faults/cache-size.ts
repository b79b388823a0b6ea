/** The variable that bounds the entries of the planted cache, a number. */
export const CACHE_ENTRIES_VARIABLE = 'FORKWISE_FAULT_CACHE_ENTRIES'

/** Entries when nothing else is said: some 70 MB on the heap. */
export const CACHE_ENTRIES = 300
