/** A cluster of 5,000 Pods is 100 MiB of YAML; beyond this the text would not fit into memory as objects. */
export const LONGEST_FILE: number = 256 * 1024 * 1024

/** Of all files together, as they are when unpacked: an archive that grows without end is stopped here. */
export const MOST_BYTES: number = 1024 * 1024 * 1024

/** Files of all folders and archives together. */
export const MOST_FILES = 20_000

/** Folders within folders. */
export const DEEPEST_FOLDER = 32

/** Lines of a log that are kept: its end. */
export const LOG_LINES = 50

export const sizeText = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`
