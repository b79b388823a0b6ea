/** The variable that names a file: while it exists, workers crash at boot and add a line to it. */
export const CRASH_FILE_VARIABLE = 'FORKWISE_CRASH_FILE'
