import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const LEASH = join(import.meta.dirname, 'leash.ts')

export interface Leashed {
  readonly child: ChildProcessWithoutNullStreams
  readonly exited: Promise<unknown>
  /** SIGKILL. */
  end(): Promise<void>
}

/** Starts a program that does not outlive this process. */
export function startLeashed(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Leashed {
  const child = spawn(process.execPath, [LEASH, program, ...args], { env })
  const exited = once(child, 'exit')
  return {
    child,
    exited,
    async end() {
      child.stdin.end()
      await exited
    },
  }
}
