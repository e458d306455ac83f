import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import type { Authority, IssuedCertificate } from '@proa/pki'
import type { StoreSnapshot } from '../store/store.ts'

/** What a cluster keeps from one start to the next. */
export interface SavedState {
  readonly store: StoreSnapshot
  readonly secrets: ClusterSecrets
}

/** Keys that must stay, so that yesterday's kubeconfig and tokens go on working. */
export interface ClusterSecrets {
  readonly authority: Authority
  readonly admin: IssuedCertificate
  readonly adminToken: string
  /** PEM */
  readonly tokenKey: string
}

/** The file of the state cannot be used. The message names the file, what is wrong and what to do. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError'
}

const FORMAT = 'proa local cluster state'
const VERSION = 1
const OWNER_ONLY = 0o600

/** Undefined when there is no such file yet. @throws StateFileError */
export async function loadState(file: string): Promise<SavedState | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StateFileError(`${file} cannot be read: ${(error as Error).message}`)
  }
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw damaged(file, 'it is not JSON')
  }
  if (!isObject(value) || value.format !== FORMAT) throw damaged(file, 'it is not a file of the local cluster')
  if (value.version !== VERSION)
    throw damaged(file, `its version is ${JSON.stringify(value.version ?? null)}, this program writes ${VERSION}`)
  return { store: readStore(file, value), secrets: readSecrets(file, value) }
}

function damaged(file: string, why: string): StateFileError {
  return new StateFileError(
    `${file} cannot be loaded: ${why}. Restore it, or move it away to start with an empty cluster.`,
  )
}

function readStore(file: string, { revision, objects }: JsonObject): StoreSnapshot {
  if (typeof revision !== 'number' || !Number.isInteger(revision) || !isArray(objects))
    throw damaged(file, 'the objects are missing')
  return {
    revision,
    objects: objects.map((entry, index) => {
      const key = isObject(entry) ? entry.key : undefined
      const object = isObject(entry) ? entry.object : undefined
      if (!isArray(key) || key.length !== 3 || !key.every((step) => typeof step === 'string') || !isObject(object))
        throw damaged(file, `object ${index} is broken`)
      const [bucket = '', namespace = '', name = ''] = key as readonly string[]
      return { key: { bucket, namespace, name }, object }
    }),
  }
}

function readSecrets(file: string, { secrets }: JsonObject): ClusterSecrets {
  if (!isObject(secrets)) throw damaged(file, 'the keys are missing')
  const text = (from: Json | undefined, key: string): string => {
    const value = isObject(from) ? from[key] : undefined
    if (typeof value !== 'string') throw damaged(file, `the key ${key} is missing`)
    return value
  }
  const pair = (key: string): Authority => {
    const certificate = text(secrets[key], 'certificate')
    const privateKey = text(secrets[key], 'privateKey')
    if (!isPair(certificate, privateKey)) throw damaged(file, `the certificate and the key of ${key} are no pair`)
    return { certificate, privateKey }
  }
  const tokenKey = text(secrets, 'tokenKey')
  if (privateKeyOf(tokenKey)?.asymmetricKeyType !== 'ec') throw damaged(file, 'the key tokenKey is broken')
  return { authority: pair('authority'), admin: pair('admin'), adminToken: text(secrets, 'adminToken'), tokenKey }
}

function isPair(certificate: string, privateKey: string): boolean {
  const key = privateKeyOf(privateKey)
  try {
    return key !== undefined && new X509Certificate(certificate).checkPrivateKey(key)
  } catch {
    return false
  }
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

/** Writes the whole state beside the file and puts it in its place: whoever dies half-way leaves the old one. */
export async function saveState(file: string, { store, secrets }: SavedState): Promise<void> {
  const document = {
    format: FORMAT,
    version: VERSION,
    warning: 'Holds private keys. For development and tests, not for production.',
    revision: store.revision,
    secrets,
    objects: store.objects.map(({ key, object }) => ({ key: [key.bucket, key.namespace, key.name], object })),
  }
  await writeAtomically(file, `${JSON.stringify(document)}\n`)
}

/** A new file for its owner alone, on the disk before it takes the name. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(temporary, 'wx', OWNER_ONLY)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(temporary, OWNER_ONLY)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
