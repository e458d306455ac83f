import type { FieldOrigin, InjectionResult, Origin } from '@proa/injector'
import { formatPointer, isArray, isObject, type Json, type JsonObject, type JsonPatchOperation } from '@proa/kube'
import type { Evidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { at } from '../../reading.ts'

/** Who wrote a field of an injected Pod. `own`: the Pod itself, injection left it alone. */
export type FieldSource =
  | { readonly kind: 'own'; readonly path: string; readonly value?: Json }
  | {
      readonly kind: 'written'
      /** Items of lists by their name: `spec.containers[istio-proxy].resources`. */
      readonly path: string
      readonly value?: Json
      readonly writer: Text
      readonly line?: Evidence
      readonly operation?: JsonPatchOperation
    }

/**
 * @param field as Kubernetes writes it: `spec.containers[1].resources.requests[cpu]`
 * @returns undefined when the Pod was not injected, or the field names nothing that can be found
 */
export function sourceOfField(result: InjectionResult, field: string): FieldSource | undefined {
  if (result.outcome !== 'injected') return undefined
  const steps = existing(result.pod, stepsOf(field))
  if (steps.length < 2) return undefined
  const pointer = formatPointer(steps)
  const value = at(result.pod, ...steps)
  const found = nearestOrigin(result.origins, pointer)
  const rest = { path: namedPath(result.pod, steps), ...(value === undefined || isBig(value) ? {} : { value }) }
  if (found === undefined) return { kind: 'own', ...rest }
  const operation = operationOn(result.patch, pointer)
  return {
    kind: 'written',
    ...rest,
    writer: writerOf(found.origin),
    ...lineOf(found.origin),
    ...(operation === undefined ? {} : { operation }),
  }
}

/** `spec.containers[1].ports[0].name` → steps; keys of maps stand in brackets, too. */
function stepsOf(field: string): readonly (string | number)[] {
  return [...field.matchAll(/\[([^\]]+)\]|([^.[\]]+)/g)].map(([, bracket, name]) => {
    if (bracket === undefined) return name ?? ''
    return /^\d+$/.test(bracket) ? Number(bracket) : bracket.replace(/^["']|["']$/g, '')
  })
}

/** As far as the Pod goes: a field that is required is missing, and its parent is what somebody wrote. */
function existing(pod: JsonObject, steps: readonly (string | number)[]): readonly (string | number)[] {
  let length = steps.length
  while (length > 0 && at(pod, ...steps.slice(0, length)) === undefined) length--
  return steps.slice(0, length)
}

/** The field itself, what it stands in, or else a part of it. */
function nearestOrigin(origins: readonly FieldOrigin[], pointer: string): FieldOrigin | undefined {
  const above = origins
    .filter((one) => one.pointer === pointer || pointer.startsWith(`${one.pointer}/`))
    .toSorted((a, b) => b.pointer.length - a.pointer.length)
  const below = origins.find((one) => one.pointer.startsWith(`${pointer}/`))
  return [above[0], below].find((one) => one !== undefined && one.change !== 'kept' && one.change !== 'moved')
}

function operationOn(patch: readonly JsonPatchOperation[], pointer: string): JsonPatchOperation | undefined {
  return patch
    .filter(({ path }) => path === pointer || pointer.startsWith(`${path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0]
}

function writerOf(origin: Origin): Text {
  switch (origin.kind) {
    case 'template':
      return {
        en: `template ${origin.template}${origin.line === 0 ? '' : `, line ${origin.line}`}`,
        zh: `模板 ${origin.template}${origin.line === 0 ? '' : ` 第 ${origin.line} 行`}`,
      }
    case 'override':
      return { en: `the user's own setting (${origin.source})`, zh: `用户自己的设置（${origin.source}）` }
    case 'finish':
      return { en: `the injector's step ${origin.step}`, zh: `注入器的 ${origin.step} 步骤` }
    case 'configuration':
      return { en: `${origin.path} of the injector's configuration`, zh: `注入器配置的 ${origin.path}` }
  }
}

function lineOf(origin: Origin): { readonly line?: Evidence } {
  if (origin.kind !== 'template' || origin.line === 0) return {}
  return { line: { path: `data.config: templates.${origin.template}, line ${origin.line}`, value: origin.text } }
}

/** With the names of items in place of their indexes. */
function namedPath(pod: JsonObject, steps: readonly (string | number)[]): string {
  let text = ''
  let node: Json | undefined = pod
  for (const step of steps) {
    node = at(node, step)
    const name = isObject(node) && typeof node.name === 'string' ? node.name : String(step)
    text += typeof step === 'number' ? `[${name}]` : `${text === '' ? '' : '.'}${step}`
  }
  return text
}

function isBig(value: Json): boolean {
  return (isObject(value) || isArray(value)) && JSON.stringify(value).length > 300
}
