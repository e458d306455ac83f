import type { JsonObject } from '@proa/kube'
import { isSet, listAt, numberAt, objectAt, textAt } from './fields.ts'
import { report } from './metadata.ts'
import { labelName } from './names.ts'
import type { Problems } from './problems.ts'

/** In the order in which the API server looks for them: the second one that is there is one too many. */
const KINDS = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'projected',
  'csi',
  'ephemeral',
  'image',
]

/** Returns the names of the volumes. */
export function checkVolumes(spec: JsonObject, field: string, problems: Problems): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [index, volume] of listAt(spec, 'volumes').entries()) {
    const path = `${field}.volumes[${index}]`
    checkKind(volume, path, problems)
    const name = textAt(volume, 'name')
    if (name === '') problems.required(`${path}.name`)
    else report(problems, `${path}.name`, name, labelName(name))
    if (name !== '' && names.has(name)) problems.duplicate(`${path}.name`, name)
    names.add(name)
  }
  return names
}

function checkKind(volume: JsonObject, path: string, problems: Problems): void {
  const given = KINDS.filter((kind) => isSet(volume, kind))
  for (const [index, kind] of given.entries()) {
    if (index > 0) problems.forbidden(`${path}.${kind}`, 'may not specify more than 1 volume type')
    else checkSource(kind, objectAt(volume, kind), `${path}.${kind}`, problems)
  }
  if (given.length === 0) problems.required(path, 'must specify a volume type')
}

const REQUIRED = new Map([
  ['secret', 'secretName'],
  ['configMap', 'name'],
  ['hostPath', 'path'],
  ['persistentVolumeClaim', 'claimName'],
  ['csi', 'driver'],
])

function checkSource(kind: string, source: JsonObject, path: string, problems: Problems): void {
  const required = REQUIRED.get(kind)
  if (required !== undefined && textAt(source, required) === '') problems.required(`${path}.${required}`)
  if (kind !== 'projected') return
  for (const [index, one] of listAt(source, 'sources').entries()) {
    const item = `${path}.sources[${index}]`
    for (const part of ['secret', 'configMap']) {
      if (isSet(one, part) && textAt(objectAt(one, part), 'name') === '') problems.required(`${item}.${part}.name`)
    }
    if (isSet(one, 'serviceAccountToken')) checkToken(objectAt(one, 'serviceAccountToken'), item, path, problems)
  }
}

const SHORTEST_SECONDS = 600

function checkToken(token: JsonObject, item: string, path: string, problems: Problems): void {
  const seconds = numberAt(token, 'expirationSeconds') ?? SHORTEST_SECONDS
  if (seconds < SHORTEST_SECONDS) {
    const words = 'may not specify a duration less than 10 minutes'
    problems.invalid(`${item}.serviceAccountToken.expirationSeconds`, seconds, words)
  }
  if (textAt(token, 'path') === '') problems.required(`${path}.path`)
}
