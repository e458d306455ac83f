import { isObject, type Json, type JsonObject, parseYaml, YamlError } from '@proa/kube'
import { annotationOf, labelOf, listAt, objectsAt, textAt } from '../reading.ts'

export const PROXY_CONTAINER = 'istio-proxy'
export const STATUS_ANNOTATION = 'sidecar.istio.io/status'
const REVISION_LABEL = 'istio.io/rev'

/** What a Pod shows of its injection. */
export interface Sidecar {
  /** `by-hand`: a proxy container without an injector's status annotation. `marked`: the annotation without the container. */
  readonly kind: 'injected' | 'by-hand' | 'marked' | 'none'
  readonly container: JsonObject | undefined
  /** The proxy is an init container that restarts always. */
  readonly native: boolean
  /** `sidecar.istio.io/status`, read; undefined when it is absent or not an object. */
  readonly status: JsonObject | undefined
  /** The control plane that injected it. */
  readonly revision: string | undefined
}

/** Many checks ask about the same Pods. JSON values are not changed once they are shared. */
const alreadyRead = new WeakMap<JsonObject, Sidecar>()

export function sidecarOf(pod: JsonObject): Sidecar {
  const known = alreadyRead.get(pod)
  if (known !== undefined) return known
  const fresh = readSidecar(pod)
  alreadyRead.set(pod, fresh)
  return fresh
}

function readSidecar(pod: JsonObject): Sidecar {
  const named = (list: 'containers' | 'initContainers'): JsonObject | undefined =>
    objectsAt(pod, 'spec', list).find((container) => container.name === PROXY_CONTAINER && !isZtunnel(container))
  const regular = named('containers')
  const init = named('initContainers')
  const text = annotationOf(pod, STATUS_ANNOTATION)
  const status = text === undefined ? undefined : readStatus(text)
  const container = regular ?? init
  const kind =
    container === undefined ? (text === undefined ? 'none' : 'marked') : text === undefined ? 'by-hand' : 'injected'
  return {
    kind,
    container,
    native: regular === undefined && init !== undefined && textAt(init, 'restartPolicy') === 'Always',
    status,
    revision:
      textAt(status, 'revision') || annotationOf(pod, REVISION_LABEL) || labelOf(pod, REVISION_LABEL) || undefined,
  }
}

/** The proxy of a node in ambient mode has the same name, and nobody injects it. */
function isZtunnel(container: JsonObject): boolean {
  return listAt(container, 'args').includes('ztunnel')
}

function readStatus(text: string): JsonObject | undefined {
  let value: Json
  try {
    value = parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
  return isObject(value) ? value : undefined
}
