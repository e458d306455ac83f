export type { Classification, MessageCode, NamedService } from './classification.ts'
export { classifyMessage } from './classify.ts'
