import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Context } from '../src/context.ts'
import type { ExitCode } from '../src/exit-codes.ts'
import { run } from '../src/program.ts'

export interface RunResult {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export interface RunSettings {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
}

/** A folder of its own for one test, with commands that run in it. */
export interface Workspace {
  readonly folder: string
  /** Runs `proa` in this process. */
  proa(args: readonly string[], settings?: RunSettings): Promise<RunResult>
  read(name: string): string
}

/** Makes a folder with these files; it goes when the test ends. */
export function workspace(files: Readonly<Record<string, string | Uint8Array>> = {}): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'proa-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return {
    folder,
    proa: (args, settings = {}) => runIn(folder, args, settings),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
  }
}

async function runIn(cwd: string, args: readonly string[], settings: RunSettings): Promise<RunResult> {
  const output = { stdout: '', stderr: '' }
  const context: Context = { ...testContext(cwd, settings, output) }
  const code = await run(args, context)
  return { code, ...output }
}

/** A context whose output is collected in `output`. */
export function testContext(cwd: string, settings: RunSettings, output: { stdout: string; stderr: string }): Context {
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      output[name] += text
    },
    isTTY: settings.isTTY ?? false,
    columns: 100,
  })
  return {
    stdin: Object.assign(chunks(settings.stdin ?? ''), { isTTY: settings.isTTY ?? false }),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: settings.env ?? {},
    cwd,
  }
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  // Two pieces, cut anywhere: a character may be divided between them.
  yield bytes.subarray(0, bytes.length >> 1)
  yield bytes.subarray(bytes.length >> 1)
}
