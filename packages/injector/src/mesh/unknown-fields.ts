import { isArray, isObject, type Json } from '@proa/kube'
import { nearest } from '../suggest.ts'
import { fieldsOf, type IstioMinor } from './descriptor.ts'
import { MeshConfigError } from './error.ts'
import { readYaml } from './merge.ts'
import { PROXY_CONFIG } from './names.ts'

/** A field that a release does not have: Istio passes it over in silence. */
export interface UnknownField {
  /** `proxyStatsMatcher.inclusionPrefix` */
  readonly path: string
  /** The field that may have been meant. */
  readonly suggestion: string | undefined
}

/** Fields in the text of the annotation `proxy.istio.io/config` that no ProxyConfig has. None for a text that cannot be read. */
export function unknownProxyConfigFields(annotation: string, minor: IstioMinor): readonly UnknownField[] {
  try {
    return unknownIn(PROXY_CONFIG, readYaml(annotation), minor, '')
  } catch (error) {
    if (error instanceof MeshConfigError) return []
    throw error
  }
}

function unknownIn(message: string, value: Json, minor: IstioMinor, prefix: string): readonly UnknownField[] {
  if (!isObject(value)) return []
  const fields = fieldsOf(message, minor)
  const known = new Map(
    fields.flatMap((field) => [field.jsonName, field.protoName].map((name) => [name, field] as const)),
  )
  return Object.entries(value).flatMap(([key, inner]) => {
    const field = known.get(key)
    if (field === undefined) {
      const suggestion = nearest(
        key,
        fields.map(({ jsonName }) => jsonName),
      )
      return [{ path: prefix + key, suggestion }]
    }
    if (field.type.kind !== 'message' || field.map) return []
    const { name } = field.type
    if (!field.repeated) return unknownIn(name, inner, minor, `${prefix}${key}.`)
    return isArray(inner)
      ? inner.flatMap((item, index) => unknownIn(name, item, minor, `${prefix}${key}[${index}].`))
      : []
  })
}
