import { isArray, type JsonObject } from '@proa/kube'
import { at, numberAt, objectAt, objectsAt, textAt } from '../controllers/fields.ts'
import {
  ContainerConfigError,
  entriesOf,
  type PodFieldFacts,
  podField,
  resourceField,
  type Sources,
} from './sources.ts'

export interface VolumeFile {
  readonly content: Uint8Array
  /** `0o644` */
  readonly mode: number
}

/** Path inside the volume → file. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>

/** A token of the Pod's ServiceAccount that a volume asks for. */
export interface TokenWish {
  readonly audience: string
  readonly expirationSeconds: number
}

export interface VolumeSources extends Sources {
  /** The newest token for the wish. */
  token(wish: TokenWish): string
}

const DEFAULT_MODE = 0o644
const DEFAULT_EXPIRATION = 3600

/** The tokens that the volumes of a Pod ask for. */
export function tokenWishes(pod: JsonObject): readonly TokenWish[] {
  return objectsAt(pod, 'spec', 'volumes')
    .flatMap((volume) => objectsAt(volume, 'projected', 'sources'))
    .filter((source) => at(source, 'serviceAccountToken') !== undefined)
    .map((source) => tokenWish(objectAt(source, 'serviceAccountToken')))
}

function tokenWish(source: JsonObject): TokenWish {
  return {
    audience: textAt(source, 'audience'),
    expirationSeconds: numberAt(source, DEFAULT_EXPIRATION, 'expirationSeconds'),
  }
}

/**
 * The files of a volume, as the kubelet would write them; undefined for one that starts empty (emptyDir and all that
 * nothing here can mount).
 *
 * @throws ContainerConfigError when a source that is not optional is missing
 */
export function volumeFiles(
  pod: JsonObject,
  volume: JsonObject,
  sources: VolumeSources,
  facts: PodFieldFacts,
): VolumeFiles | undefined {
  const mode = (source: JsonObject) => numberAt(source, DEFAULT_MODE, 'defaultMode')
  if (at(volume, 'configMap') !== undefined) {
    const source = objectAt(volume, 'configMap')
    return keyed('configmap', textAt(source, 'name'), source, sources, mode(source))
  }
  if (at(volume, 'secret') !== undefined) {
    const source = objectAt(volume, 'secret')
    return keyed('secret', textAt(source, 'secretName'), source, sources, mode(source))
  }
  if (at(volume, 'downwardAPI') !== undefined) {
    const source = objectAt(volume, 'downwardAPI')
    return downward(pod, objectsAt(source, 'items'), facts, mode(source))
  }
  if (at(volume, 'projected') !== undefined) {
    const projected = objectAt(volume, 'projected')
    return projectedFiles(pod, projected, sources, facts, mode(projected))
  }
  return undefined
}

function projectedFiles(
  pod: JsonObject,
  projected: JsonObject,
  sources: VolumeSources,
  facts: PodFieldFacts,
  mode: number,
): VolumeFiles {
  const files = new Map<string, VolumeFile>()
  const add = (more: VolumeFiles) => {
    for (const [path, file] of more) files.set(path, file)
  }
  for (const source of objectsAt(projected, 'sources')) {
    const [kind = ''] = Object.keys(source)
    const inner = objectAt(source, kind)
    if (kind === 'configMap') add(keyed('configmap', textAt(inner, 'name'), inner, sources, mode))
    if (kind === 'secret') add(keyed('secret', textAt(inner, 'name'), inner, sources, mode))
    if (kind === 'downwardAPI') add(downward(pod, objectsAt(inner, 'items'), facts, mode))
    if (kind === 'serviceAccountToken') {
      // A token is for its owner alone.
      add(new Map([[textAt(inner, 'path'), { content: Buffer.from(sources.token(tokenWish(inner))), mode: 0o600 }]]))
    }
  }
  return files
}

function keyed(
  kind: 'configmap' | 'secret',
  name: string,
  reference: JsonObject,
  sources: Sources,
  mode: number,
): VolumeFiles {
  const found = kind === 'secret' ? sources.secret(name) : sources.configMap(name)
  if (found === undefined) {
    if (reference.optional === true) return new Map()
    throw new ContainerConfigError(`${kind} "${name}" not found`)
  }
  const entries = entriesOf(found)
  if (!isArray(reference.items)) return new Map([...entries].map(([key, content]) => [key, { content, mode }]))
  const files = new Map<string, VolumeFile>()
  for (const item of objectsAt(reference, 'items')) {
    const content = entries.get(textAt(item, 'key'))
    if (content !== undefined) files.set(textAt(item, 'path'), { content, mode: numberAt(item, mode, 'mode') })
    else if (reference.optional !== true)
      throw new ContainerConfigError(`references non-existent ${kind} key: ${textAt(item, 'key')}`)
  }
  return files
}

function downward(pod: JsonObject, items: readonly JsonObject[], facts: PodFieldFacts, mode: number): VolumeFiles {
  return new Map(
    items.map((item) => {
      const text =
        at(item, 'fieldRef') === undefined
          ? resourceField(pod, {}, objectAt(item, 'resourceFieldRef'))
          : podField(pod, textAt(item, 'fieldRef', 'fieldPath'), facts)
      return [textAt(item, 'path'), { content: Buffer.from(text), mode: numberAt(item, mode, 'mode') }]
    }),
  )
}
