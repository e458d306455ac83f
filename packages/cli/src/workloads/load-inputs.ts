import { CliError } from '../cli-error.ts'
import type { InputOptions } from '../commands/options.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { type InputObject, inputObjects } from '../inputs/objects.ts'
import { type InputFile, readDocuments } from '../inputs/read-documents.ts'
import { readFiles } from '../inputs/read-files.ts'

/** The manifests of a command: whole files (what is not understood has to pass through) and the objects in them. */
export interface Inputs {
  readonly files: readonly InputFile[]
  readonly objects: readonly InputObject[]
}

/** @throws CliError when `-f` is missing, a file cannot be read or is not YAML. */
export async function loadInputs(context: Context, options: InputOptions): Promise<Inputs> {
  const names = options.filename ?? []
  if (names.length === 0) {
    throw new CliError('there is nothing to read', {
      exitCode: ExitCode.Usage,
      hint: 'Give manifests with -f FILE, -f DIRECTORY, or -f - for standard input.',
    })
  }
  const files = (await readFiles(context, names)).map(readDocuments)
  return { files, objects: inputObjects(files) }
}
