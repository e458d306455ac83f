import { existsSync } from 'node:fs'

export interface WorkerFile {
  readonly url: URL
  /** Options of Node.js that the thread needs. */
  readonly execArgv: readonly string[]
}

/** Beside this file when nothing is bundled; above the chunks where the command line is. */
const BUILT = ['./review-worker.js', '../webhook-worker.js', './webhook-worker.js']

/** Where the code of a worker thread is: in the sources, in a package, or in the bundle of the command line. */
export function findWorkerFile(here: string = import.meta.url): WorkerFile {
  if (here.endsWith('.ts')) {
    return { url: new URL('./review-worker.ts', here), execArgv: ['--conditions=proa:source'] }
  }
  const url = BUILT.map((name) => new URL(name, here)).find((candidate) => existsSync(candidate))
  if (url === undefined) throw new Error(`the worker of proa webhook is missing; it should be near ${here}`)
  return { url, execArgv: [] }
}
