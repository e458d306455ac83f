export { ConnectionError, isConflict, isNotFound, StatusError } from './errors.ts'
export type * from './types.ts'
