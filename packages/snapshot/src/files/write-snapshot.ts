import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { redactSnapshot, type Snapshot } from '@proa/doctor'
import { dumpYaml, type Json } from '@proa/kube'
import { fileProblem, SnapshotError } from './snapshot-error.ts'

/**
 * Writes a snapshot without its secrets, readable by its owner alone. The name decides how: `.json`, `.yaml`, `.json.gz`.
 * A file of that name is replaced as a whole or stays as it is.
 *
 * @throws SnapshotError
 */
export async function writeSnapshot(snapshot: Snapshot, file: string): Promise<void> {
  const { text, packed } = formatOf(file)
  const redacted = redactSnapshot(snapshot)
  const fresh = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(fresh, 'wx', 0o600)
    // The stream closes the handle, also when it fails.
    const target = handle.createWriteStream({ flush: true })
    const source = Readable.from(text(redacted))
    await (packed ? pipeline(source, createGzip(), target) : pipeline(source, target))
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw fileProblem(file, error)
  }
}

interface Format {
  /** In pieces: the text of a large cluster is larger than its objects. */
  readonly text: (snapshot: Snapshot) => Iterable<string>
  readonly packed: boolean
}

function formatOf(file: string): Format {
  if (/\.json$/i.test(file)) return { text: asJson, packed: false }
  if (/\.json\.gz$/i.test(file)) return { text: asJson, packed: true }
  if (/\.ya?ml$/i.test(file)) return { text: asYaml, packed: false }
  throw new SnapshotError(file, 'a snapshot is written as .json, .yaml or .json.gz; choose one of these endings')
}

function* asJson({ objects, ...rest }: Snapshot): Generator<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"objects":[`
  for (const [index, object] of objects.entries()) yield `${index === 0 ? '' : ','}\n${JSON.stringify(object)}`
  yield ']}\n'
}

function* asYaml({ objects, ...rest }: Snapshot): Generator<string> {
  yield dumpYaml(rest as unknown as Json)
  if (objects.length === 0) yield 'objects: []\n'
  else yield 'objects:\n'
  for (const object of objects) yield dumpYaml([object])
}
