import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { ConfigurationSources, SourceText } from '@proa/injector'
import { watchDirectories } from '../watched-directories.ts'
import type { Texts } from './assemble.ts'
import type { OpenTextSource } from './text-source.ts'

export interface ConfigurationFiles {
  /** A directory as Istio's injector mounts it: `config`, `values` and, where it is there, `mesh`. */
  readonly directory?: string | undefined
  /** Each goes before the directory's; the built-in one stands for what neither names. */
  readonly config?: string | undefined
  readonly values?: string | undefined
  readonly mesh?: string | undefined
  /** Milliseconds between two looks at files whose changes nobody tells (network file systems). Default 30,000. */
  readonly pollInterval?: number
}

type Part = keyof ConfigurationSources

interface WantedFile {
  readonly part: Part
  readonly file: string
  readonly isOptional: boolean
}

/** Milliseconds: the files of one change come one after the other. */
const DEBOUNCE = 100
/** While something is wrong the next look comes soon: half of a change may have been seen. */
const POLL_WHILE_WRONG = 1000

/** The texts of files, read again when one of their directories changes. */
export function textsFromFiles(files: ConfigurationFiles): OpenTextSource {
  const { pollInterval = 30_000 } = files
  const wanted = wantedFiles(files)
  return (changed) => {
    let current: Texts | undefined
    let timer: NodeJS.Timeout | undefined
    let stopped = false
    let reading = Promise.resolve()

    const schedule = (delay: number): void => {
      if (stopped) return
      clearTimeout(timer)
      timer = setTimeout(look, delay)
      timer.unref()
    }
    const directories = watchDirectories(new Set(wanted.map(({ file }) => path.dirname(file))), () =>
      schedule(DEBOUNCE),
    )
    const look = (): void => {
      directories.renew()
      reading = reading.then(async () => {
        const texts = stopped ? undefined : await readTwice(wanted)
        if (stopped) return
        if (texts !== undefined) {
          current = texts
          changed()
        }
        const delay = texts === undefined ? DEBOUNCE : texts.problem === undefined ? pollInterval : POLL_WHILE_WRONG
        schedule(Math.min(pollInterval, delay))
      })
    }
    look()
    return {
      get current() {
        return current
      },
      stop() {
        stopped = true
        clearTimeout(timer)
        directories.stop()
      },
    }
  }
}

function wantedFiles({ directory, config, values, mesh }: ConfigurationFiles): readonly WantedFile[] {
  const given: Readonly<Record<Part, string | undefined>> = { config, values, mesh }
  return (['config', 'values', 'mesh'] as const).flatMap((part) => {
    const own = given[part]
    if (own !== undefined) return [{ part, file: own, isOptional: false }]
    if (directory === undefined) return []
    return [{ part, file: path.join(directory, part), isOptional: part === 'mesh' }]
  })
}

/** Undefined when the files changed between two readings: one of them may be old and another new. */
async function readTwice(wanted: readonly WantedFile[]): Promise<Texts | undefined> {
  const first = await readAll(wanted)
  const second = await readAll(wanted)
  return JSON.stringify(first) === JSON.stringify(second) ? second : undefined
}

async function readAll(wanted: readonly WantedFile[]): Promise<Texts> {
  const sources: { [part in Part]?: SourceText } = {}
  try {
    for (const { part, file, isOptional } of wanted) {
      const text = await readText(file, isOptional)
      if (text !== undefined) sources[part] = { text, source: file }
    }
    return { sources }
  } catch (error) {
    const { code, path: file = '' } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return { problem: code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read: ${code}` }
  }
}

async function readText(file: string, isOptional: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isOptional && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    // Reading a directory fails without a path.
    throw Object.assign(error as Error, { path: file })
  }
}
