import { getOwn, type JsonObject } from '@proa/kube'
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts'
import type { Registry } from '../resources/registry.ts'
import { decodeAs } from './decode.ts'
import { unforeseen } from './errors.ts'
import type { ResourceType } from './types.ts'

/** What to throw of a value that does not fit its field, in Go's words. */
type Refuse = (words: string) => Error

/**
 * Reads what a webhook's patch has made of an object. It is read as what it says that it is, and then has to be of the type
 * of the request still.
 */
export function patchedReader(registry: Registry) {
  return (type: ResourceType, object: JsonObject, refuse: Refuse): JsonObject => {
    const [apiVersion, kind] = [String(getOwn(object, 'apiVersion')), String(getOwn(object, 'kind'))]
    const said = registry.byKind(apiVersion, kind)
    if (said === undefined) throw refuse(unregistered(apiVersion, kind))
    const { object: decoded } = decodeAs(said, object, refuse)
    if (said.kind === type.kind && apiVersion === apiVersionOf(type)) return decoded
    throw unforeseen(`converting (${goName(said)}) to (${goName(type)}): unknown conversion`)
  }
}

function unregistered(apiVersion: string, kind: string): string {
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`
}

function goName({ version, kind }: Pick<ResourceDefinition, 'version' | 'kind'>): string {
  return `${version}.${kind}`
}
