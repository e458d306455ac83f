import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { reasonOf } from './file-errors.ts'

/** One file that was read as a whole. */
export interface TextFile {
  /** As the user would call it: the argument, a file below a directory argument, or `stdin`. */
  readonly name: string
  /** False for standard input, which cannot be written back. */
  readonly isFile: boolean
  readonly text: string
}

/** Standard input, in place of a file name. */
const STDIN = '-'

/**
 * Reads what `-f` names, in order: files, directories (their `*.yaml`, `*.yml` and `*.json`, sorted by name, without
 * subdirectories, as kubectl does) and `-` for standard input.
 * @throws CliError naming the file that cannot be read.
 */
export async function readFiles(context: Context, names: readonly string[]): Promise<TextFile[]> {
  const files: TextFile[] = []
  for (const name of names) {
    if (name === STDIN) files.push({ name: 'stdin', isFile: false, text: await readStdin(context) })
    else for (const file of await expand(context, name)) files.push(await readTextFile(context, file))
  }
  return files
}

/** Reads one file (`-` is standard input). */
export async function readTextFile(context: Context, name: string): Promise<TextFile> {
  if (name === STDIN) return { name: 'stdin', isFile: false, text: await readStdin(context) }
  let bytes: Uint8Array
  try {
    bytes = await readFile(resolve(context.cwd, name))
  } catch (error) {
    throw new CliError(`cannot read: ${reasonOf(error)}`, { place: { file: name }, cause: error })
  }
  return { name, isFile: true, text: decode(bytes, name) }
}

async function expand(context: Context, name: string): Promise<string[]> {
  // An empty variable of a shell must not mean the working directory.
  if (name === '') throw new CliError('-f names no file: the name is empty', { exitCode: ExitCode.Usage })
  const info = await stat(resolve(context.cwd, name)).catch(() => undefined)
  if (info?.isDirectory() !== true) return [name]
  const files = await manifestsIn(context, name)
  if (files.length === 0) {
    throw new CliError('the directory holds no *.yaml, *.yml or *.json file', { place: { file: name } })
  }
  return files.map((entry) => join(name, entry))
}

async function manifestsIn(context: Context, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(resolve(context.cwd, folder), { withFileTypes: true })
    const files = entries.filter((entry) => !entry.isDirectory() && /\.(?:ya?ml|json)$/i.test(entry.name))
    return files.map((entry) => entry.name).sort()
  } catch (error) {
    throw new CliError(`cannot read: ${reasonOf(error)}`, { place: { file: folder }, cause: error })
  }
}

export async function readStdin(context: Context): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of context.stdin) {
    chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
  }
  return decode(Buffer.concat(chunks), 'stdin')
}

/** The byte order mark stays in the text: it is part of what must survive. */
function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new CliError('the text is not UTF-8', { place: { file }, cause: error })
  }
}
