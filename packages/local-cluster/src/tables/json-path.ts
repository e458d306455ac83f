/** The simple JSON paths that columns of custom resources have: `.spec.hosts[0]`, `.status.conditions[?(@.type=="Ready")].status`. */
import { getOwn, isArray, isObject, type Json } from '@proa/kube'

const STEP =
  /^\.?((?:[^.[\\]|\\.)+)|^\[(\*|-?\d+)\]|^\['([^']+)'\]|^\[\?\(@\.([\w.-]+)\s*==\s*(?:"([^"]*)"|'([^']*)'|([\w.]+))\)\]/

/** What the path finds, in order; nothing when it is not understood. */
export function findByPath(path: string, value: Json): readonly Json[] {
  let found: readonly Json[] = [value]
  let rest = path.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '')
  while (rest !== '') {
    const match = STEP.exec(rest)
    if (match === null) return []
    const [text, name, index, quoted, field, double, single, bare] = match
    rest = rest.slice(text.length)
    const wanted = double ?? single ?? bare
    const key = quoted ?? name?.replaceAll('\\.', '.')
    found = found.flatMap((item) => {
      if (key !== undefined) return ownValue(item, key)
      if (field !== undefined) return isArray(item) ? item.filter((entry) => matches(entry, field, wanted)) : []
      return isArray(item) ? pickItems(item, index ?? '*') : []
    })
  }
  return found
}

function ownValue(item: Json, key: string): readonly Json[] {
  const value = isObject(item) ? getOwn(item, key) : undefined
  return value === undefined ? [] : [value]
}

function pickItems(list: readonly Json[], index: string): readonly Json[] {
  if (index === '*') return list
  const item = list.at(Number(index))
  return item === undefined ? [] : [item]
}

function matches(entry: Json, field: string, wanted: string | undefined): boolean {
  const value = field
    .split('.')
    .reduce<Json | undefined>((found, key) => (isObject(found) ? getOwn(found, key) : undefined), entry)
  return value !== undefined && String(value) === wanted
}
