import { isObject, type Json, type JsonObject } from '@proa/kube'
import { at, objectsAt, orNone, textAt, textsAt } from './read.ts'

/** `app=web,tier=front`; `<none>` without labels. */
export function labelText(labels: Json | undefined): string {
  const entries = isObject(labels) ? Object.entries(labels) : []
  return orNone(
    entries
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(','),
  )
}

/** A label selector as kubectl's `-l` takes it. */
export function selectorText(selector: Json | undefined): string {
  const labels = at(selector, 'matchLabels')
  const equal = Object.entries(isObject(labels) ? labels : {}).map(([key, value]) => [key, `${key}=${value}`])
  const rest = objectsAt(selector, 'matchExpressions').map((expression) => [
    textAt(expression, 'key'),
    expressionText(expression),
  ])
  return [...equal, ...rest]
    .sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)))
    .map(([, text]) => text)
    .join(',')
}

function expressionText(expression: JsonObject): string {
  const key = textAt(expression, 'key')
  const values = [...textsAt(expression, 'values')].sort().join(',')
  switch (textAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`
    case 'NotIn':
      return `${key} notin (${values})`
    case 'Exists':
      return key
    default:
      return `!${key}`
  }
}
