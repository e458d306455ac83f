import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
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
  const encode = encoder(file)
  const bytes = await encode(redactSnapshot(snapshot))
  const fresh = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw fileProblem(file, error)
  }
}

type Encode = (snapshot: Snapshot) => Promise<string | Buffer>

const asJson = (snapshot: Snapshot): string => `${JSON.stringify(snapshot)}\n`

function encoder(file: string): Encode {
  if (/\.json$/i.test(file)) return async (snapshot) => asJson(snapshot)
  if (/\.json\.gz$/i.test(file)) return (snapshot) => promisify(gzip)(asJson(snapshot))
  if (/\.ya?ml$/i.test(file)) return async (snapshot) => dumpYaml(snapshot as unknown as Json)
  throw new SnapshotError(file, 'a snapshot is written as .json, .yaml or .json.gz; choose one of these endings')
}
