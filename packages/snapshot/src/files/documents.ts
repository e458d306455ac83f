import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseYaml,
  parseYamlDocuments,
  setOwn,
  YamlError,
} from '@proa/kube'

export interface Document {
  readonly value: Json
  /** 1-based. */
  readonly line: number
}

/**
 * The documents of a text, JSON or YAML.
 *
 * @throws YamlError
 */
export function documentsOf(source: string): readonly Document[] {
  const json = asJson(source)
  const found = json === undefined ? asYaml(source) : [{ value: json, line: 1 }]
  for (const { value, line } of found) checkDepth(value, line)
  return found
}

/** The quick way, and for large clusters the only one that fits into memory. */
function asJson(source: string): Json | undefined {
  if (!/^\s*[{[]/.test(source)) return undefined
  try {
    return JSON.parse(source) as Json
  } catch {
    return undefined
  }
}

/** Beyond this, the events that YAML is read by take more memory than there is; what kubectl writes can be read in parts. */
const LARGE = 1024 * 1024

function asYaml(source: string): readonly Document[] {
  const parts = source.length < LARGE ? undefined : splitList(source)
  if (parts !== undefined) {
    try {
      return [{ value: joined(parts), line: 1 }]
    } catch (error) {
      // A part that stands for itself only in its context: an alias of another, say.
      if (!(error instanceof YamlError)) throw error
    }
  }
  return parseYamlDocuments(source).map(({ value, startLine }) => ({ value, line: startLine }))
}

interface ListParts {
  readonly key: string
  readonly items: readonly string[]
  /** The text around the list, which stands in it as an empty one. */
  readonly frame: string
}

/**
 * A document whose top level is a map with the items of one long list at the left edge, as kubectl and `writeSnapshot` write
 * it. Nothing else can begin with `- ` there: texts in blocks are indented.
 */
function splitList(source: string): ListParts | undefined {
  const start = /^(items|objects):\r?\n(?=- )/m.exec(source)
  if (start === null || /^(?:---|\.\.\.)/m.test(source.slice(1))) return undefined
  const from = start.index + start[0].length
  const after = /^[^-\s#]/m.exec(source.slice(from))
  const end = after === null ? source.length : from + after.index
  const items = source.slice(from, end).split(/^(?=- )/m)
  const frame = `${source.slice(0, start.index)}${start[1]}: []\n${source.slice(end)}`
  return { key: start[1] ?? '', items, frame }
}

function joined({ key, items, frame }: ListParts): Json {
  const outer = parseYaml(frame)
  const list = items.flatMap((item) => {
    const value = parseYaml(item)
    return isArray(value) ? value : []
  })
  if (!isObject(outer)) return list
  const whole: Record<string, Json> = {}
  for (const [name, value] of Object.entries(outer)) setOwn(whole, name, name === key ? list : value)
  return whole satisfies JsonObject
}

/** Kubernetes' objects are some thirty levels deep; beyond this, the text was made to overflow a stack. */
export const DEEPEST = 200

function checkDepth(root: Json, line: number): void {
  let level: Json[] = [root]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) throw new YamlError(`it is nested deeper than ${DEEPEST} levels`, line, 0)
    const next: Json[] = []
    for (const value of level) {
      for (const inner of typeof value === 'object' && value !== null ? Object.values(value) : []) {
        if (typeof inner === 'object' && inner !== null) next.push(inner)
      }
    }
    level = next
  }
}
