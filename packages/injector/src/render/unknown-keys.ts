import { type FieldType, isArray, isObject, type Json, structSchema } from '@proa/kube'
import { didYouMean } from '../suggest.ts'
import type { Rendered } from './render.ts'

/** A key that a template writes although Kubernetes knows none of that name; Istio drops it without a word. */
export interface UnknownTemplateKey {
  readonly template: string
  /** Object path in the Pod: `spec.containers[0].imgae`. */
  readonly path: string
  readonly hint: string
}

/**
 * The mistyped keys of what templates rendered. A key that resembles none is left alone: Istio's own templates have some
 * (`fsGroup` of a container), and nobody can do anything about them.
 */
export function unknownTemplateKeys(rendered: readonly Rendered[]): readonly UnknownTemplateKey[] {
  return rendered.flatMap(({ template, overlay }) =>
    unknownIn(overlay, { kind: 'struct', struct: 'v1.Pod' }, '').map((found) => ({
      template: template.name,
      ...found,
    })),
  )
}

type Found = Pick<UnknownTemplateKey, 'path' | 'hint'>

function unknownIn(value: Json, type: FieldType, path: string): readonly Found[] {
  if (type.kind === 'list' && isArray(value)) {
    return value.flatMap((item, index) => unknownIn(item, type.of, `${path}[${index}]`))
  }
  if (!isObject(value)) return []
  if (type.kind === 'map')
    return Object.entries(value).flatMap(([key, item]) => unknownIn(item, type.of, below(path, key)))
  return type.kind === 'struct' ? unknownFields(value, type.struct, path) : []
}

function unknownFields(value: Readonly<Record<string, Json>>, struct: string, path: string): readonly Found[] {
  const schema = structSchema(struct)
  return Object.entries(value).flatMap(([key, item]) => {
    // `$patch` and the like are for the merge.
    if (key.startsWith('$')) return []
    const field = schema.byJson(key)
    if (field !== undefined) return unknownIn(item, field.type, below(path, key))
    const names = schema.fields.map(({ json }) => json)
    const hint = didYouMean(key, names)
    return hint === undefined ? [] : [{ path: below(path, key), hint }]
  })
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
