import { getOwn, isArray, isObject, type Json, type JsonArray, type JsonObject, podListKey } from '@proa/kube'

/** A value somewhere in a Pod, found by a path that names list items instead of counting them. */
export interface PodNode {
  /** `spec.containers[app].env[A].value`; the same field of two Pods has the same path wherever its items stand. */
  readonly path: string
  readonly steps: readonly (string | number)[]
  readonly parent: PodNode | undefined
  readonly value: Json
  /** The items of a list that have keys of their own, in order. */
  readonly items: readonly string[] | undefined
}

export type PodIndex = ReadonlyMap<string, PodNode>

/** All values of a Pod, in the order of the document. */
export function indexPod(pod: JsonObject): PodIndex {
  const index = new Map<string, PodNode>()
  visit(index, { path: '', steps: [], parent: undefined, value: pod })
  return index
}

/** A value that is written as one: a scalar, or a list or object without anything in it. */
export function isLeaf({ value }: PodNode): boolean {
  if (isArray(value)) return value.length === 0
  return !isObject(value) || Object.keys(value).length === 0
}

function visit(index: Map<string, PodNode>, found: Omit<PodNode, 'items'>): void {
  const { path, steps, value } = found
  const labels = isArray(value) ? itemLabels(value, podListKey(steps)) : undefined
  const node: PodNode = {
    ...found,
    items: labels?.keyed === true ? labels.texts.map((text) => path + text) : undefined,
  }
  index.set(path, node)
  if (isArray(value)) {
    for (const [i, item] of value.entries()) {
      visit(index, { path: path + (labels?.texts[i] ?? ''), steps: [...steps, i], parent: node, value: item })
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      visit(index, { path: path + keyText(key, path), steps: [...steps, key], parent: node, value: value[key] ?? null })
    }
  }
}

function keyText(key: string, path: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `[${JSON.stringify(key)}]`
  return path === '' ? key : `.${key}`
}

/** `[app]`; the second item of the same key is `[app#2]`, one without a key `[#0]`. */
function itemLabels(list: JsonArray, key: string | undefined): { readonly keyed: boolean; readonly texts: string[] } {
  if (key === undefined || key === '') return { keyed: false, texts: list.map((_, i) => `[${i}]`) }
  const seen = new Map<string, number>()
  const texts = list.map((item, i) => {
    const value = isObject(item) ? getOwn(item, key) : undefined
    if (value === undefined || value === null || typeof value === 'object') return `[#${i}]`
    const label = /^[\w./:-]+$/.test(String(value)) ? String(value) : JSON.stringify(value)
    const times = (seen.get(label) ?? 0) + 1
    seen.set(label, times)
    return times === 1 ? `[${label}]` : `[${label}#${times}]`
  })
  return { keyed: true, texts }
}
