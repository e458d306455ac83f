export type * from './contracts.ts'
export { type Watchable, type Watched, watchable } from './watched.ts'
