export type { Classification, MessageCode, NamedService } from './classification.ts'
export { classifyMessage } from './classify.ts'
export { type CreationFailure, creationFailures, failuresAt, isOvercome, lastInjection } from './creation-failures.ts'
export type { Sighting } from './said.ts'
