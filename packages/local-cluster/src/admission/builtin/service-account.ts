import { clone, getOwn, isArray, isObject, type Json, type JsonObject, type MutableJsonObject } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'
import { forbiddenFor } from '../refusals.ts'
import type { AdmissionAttributes } from '../types.ts'

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const VOLUME_PREFIX = 'kube-api-access-'
const MIRROR = 'kubernetes.io/config.mirror'
/** A little more than an hour, by which the API server knows its own tokens. */
const TOKEN_SECONDS = 3607
const FILE_MODE = 0o644

/**
 * Gives a new Pod its ServiceAccount, and the token's volume to every container that does not mount something there. In the
 * second round it finds the volume of the first one and gives it to containers that webhooks added.
 */
export function giveServiceAccount(attributes: AdmissionAttributes, pod: JsonObject, deps: AdmissionDeps): JsonObject {
  const spec = objectAt(pod, 'spec')
  if (getOwn(objectAt(objectAt(pod, 'metadata'), 'annotations'), MIRROR) !== undefined) {
    checkMirrorPod(attributes, spec)
    return pod
  }
  const name = textAt(spec, 'serviceAccountName') || 'default'
  const { namespace } = attributes
  const account = deps.objects.find({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name })
  if (account === undefined) {
    const missing = `serviceaccount ${JSON.stringify(name)} not found`
    throw forbiddenFor(attributes, `error looking up service account ${namespace}/${name}: ${missing}`)
  }
  const draft: MutableJsonObject = { ...clone(spec), serviceAccountName: name, serviceAccount: name }
  if (wantsToken(spec, account)) mountToken(draft, deps)
  const pullSecrets = getOwn(account, 'imagePullSecrets')
  if (listAt(draft, 'imagePullSecrets').length === 0 && isArray(pullSecrets) && pullSecrets.length > 0) {
    draft.imagePullSecrets = clone(pullSecrets)
  }
  return { ...pod, spec: draft }
}

function checkMirrorPod(attributes: AdmissionAttributes, spec: JsonObject): void {
  if (textAt(spec, 'serviceAccountName') !== '') {
    throw forbiddenFor(attributes, 'a mirror pod may not reference service accounts')
  }
  const usesSecrets = listAt(spec, 'volumes').some((volume) => isObject(getOwn(volume, 'secret')))
  if (usesSecrets) throw forbiddenFor(attributes, 'a mirror pod may not reference secrets')
}

/** The Pod's word counts more than the ServiceAccount's. */
function wantsToken(spec: JsonObject, account: JsonObject): boolean {
  return (
    (getOwn(spec, 'automountServiceAccountToken') ?? getOwn(account, 'automountServiceAccountToken') ?? true) === true
  )
}

function mountToken(spec: MutableJsonObject, deps: AdmissionDeps): void {
  const volumes = listAt(spec, 'volumes')
  const known = volumes.map((volume) => textAt(volume, 'name')).find((name) => name.startsWith(VOLUME_PREFIX))
  const name = known ?? `${VOLUME_PREFIX}${randomSuffix(deps.random ?? Math.random)}`
  let used = false
  const withMount = (container: JsonObject): JsonObject => {
    const mounts = listAt(container, 'volumeMounts')
    if (mounts.some((mount) => textAt(mount, 'mountPath') === MOUNT_PATH)) return container
    used = true
    return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath: MOUNT_PATH }] }
  }
  for (const kind of ['initContainers', 'containers']) {
    const containers = listAt(spec, kind)
    if (containers.length > 0) spec[kind] = containers.map(withMount)
  }
  if (used && known === undefined) spec.volumes = [...volumes, tokenVolume(name)]
}

/** Without vowels and what looks alike, so that no words come out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_LENGTH = 5

function randomSuffix(random: () => number): string {
  let text = ''
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) text += ALPHABET[Math.floor(random() * ALPHABET.length)] ?? 'x'
  return text
}

function tokenVolume(name: string): JsonObject {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' }
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
      ],
      defaultMode: FILE_MODE,
    },
  }
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key)
  return isObject(value) ? value : {}
}

function listAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value: Json | undefined = getOwn(object, key)
  return isArray(value) ? value.filter(isObject) : []
}

function textAt(object: JsonObject, key: string): string {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : ''
}
