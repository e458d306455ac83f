import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { FilePlace, ObjectName, SnapshotSource } from '@proa/doctor'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { type InputObject, inputObjects, objectMetadata } from '../inputs/objects.ts'
import { readDocuments } from '../inputs/read-documents.ts'
import { readFiles } from '../inputs/read-files.ts'

export type Locate = (object: ObjectName) => FilePlace | undefined

/**
 * Where the objects stand in manifests, so that a code scanning service can show findings beside them. What is no text file
 * (an archive, standard input) has no places; a saved snapshot was made of objects that stand in no file.
 */
export async function placeInFiles(
  context: Context,
  source: SnapshotSource,
  names: readonly string[],
): Promise<Locate> {
  const places = new Map<string, FilePlace>()
  if (source.kind === 'files') {
    for (const name of names.filter((one) => one !== '-')) {
      for (const object of await objectsIn(context, name)) {
        const key = keyOf(object)
        const uri = uriOf(context, object.document.file.name)
        if (!places.has(key)) places.set(key, { uri, line: object.document.span.line })
      }
    }
  }
  return ({ kind, namespace, name }) =>
    places.get(`${kind} ${namespace ?? ''}/${name}`) ?? places.get(`${kind} /${name}`)
}

async function objectsIn(context: Context, name: string): Promise<readonly InputObject[]> {
  try {
    return inputObjects((await readFiles(context, [name])).map(readDocuments))
  } catch (error) {
    // It was read as something else before, and that is what the report is about.
    if (error instanceof CliError) return []
    throw error
  }
}

function keyOf({ value }: InputObject): string {
  const { name = '', namespace = '' } = objectMetadata(value)
  return `${typeof value.kind === 'string' ? value.kind : ''} ${namespace}/${name}`
}

/** Relative to the working directory, which in CI is the repository. */
function uriOf({ cwd }: Context, file: string): string {
  const path = relative(cwd, resolve(cwd, file))
  const shown = path.startsWith('..') || isAbsolute(path) ? file : path
  return shown.split(sep).join('/')
}
