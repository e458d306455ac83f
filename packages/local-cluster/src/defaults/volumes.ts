import { setOwn } from '@proa/kube'
import { spellQuantities } from './container.ts'
import { type Draft, fill, part, parts } from './fill.ts'

const FILE_MODE = 0o644

const KINDS = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'hostPath',
  'image',
  'iscsi',
  'nfs',
  'persistentVolumeClaim',
  'photonPersistentDisk',
  'portworxVolume',
  'projected',
  'quobyte',
  'rbd',
  'scaleIO',
  'secret',
  'storageos',
  'vsphereVolume',
] as const

/** Defaults of one volume; one without a kind is an emptyDir. */
export function fillVolume(volume: Draft): void {
  if (KINDS.every((kind) => part(volume, kind) === undefined)) setOwn(volume, 'emptyDir', {})
  for (const kind of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const source = part(volume, kind)
    if (source !== undefined) fill(source, 'defaultMode', FILE_MODE)
  }
  fillItems(part(volume, 'downwardAPI'))
  for (const source of parts(part(volume, 'projected'), 'sources')) {
    fillItems(part(source, 'downwardAPI'))
    const token = part(source, 'serviceAccountToken')
    if (token !== undefined) fill(token, 'expirationSeconds', 3600)
  }
  const host = part(volume, 'hostPath')
  if (host !== undefined) fill(host, 'type', '')
  const claim = part(part(volume, 'ephemeral'), 'volumeClaimTemplate')
  if (claim !== undefined) fill(claim, 'metadata', {})
  fillClaim(part(claim, 'spec'))
}

/** A PersistentVolumeClaim's spec. */
export function fillClaim(spec: Draft | undefined): void {
  if (spec === undefined) return
  fill(spec, 'volumeMode', 'Filesystem')
  spellQuantities(part(spec, 'resources'))
}

function fillItems(downwardApi: Draft | undefined): void {
  for (const item of parts(downwardApi, 'items')) {
    const field = part(item, 'fieldRef')
    if (field !== undefined) fill(field, 'apiVersion', 'v1')
    const resource = part(item, 'resourceFieldRef')
    if (resource !== undefined) fill(resource, 'divisor', '0')
  }
}
