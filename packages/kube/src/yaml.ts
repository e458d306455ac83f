import { constructFromEvents, dump, EVENT_ID, type Event, YAMLException } from 'js-yaml'
import { isArray, isObject, type Json } from './json.ts'
import { MAX_DEPTH, readEventsLikeGo } from './yaml-indentation.ts'
import { kubernetesSchema } from './yaml-schema.ts'

/**
 * Most nodes that a document may have once its aliases are expanded. Without
 * aliases the text itself is the limit. A whole 6 MiB admission request has
 * about 400,000 nodes.
 */
const MAX_EXPANDED_NODES = 1_000_000

/** A text that is not YAML, or YAML that is not JSON (`.nan`, keys that are lists, …). */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  /** 1-based; 0 when the place is unknown. */
  readonly line: number
  /** 1-based; 0 when the place is unknown. */
  readonly column: number
  /** What is wrong, without the place. */
  readonly reason: string

  constructor(reason: string, line: number, column: number, source?: string) {
    const place = [source, ...(line > 0 ? [String(line), String(column)] : [])].filter((part) => part !== undefined)
    super(place.length === 0 ? reason : `${place.join(':')}: ${reason}`)
    this.reason = reason
    this.line = line
    this.column = column
  }
}

/** What the readers of YAML can be told. */
export interface ParseYamlOptions {
  /** Name of the text for messages, such as a file name. */
  readonly source?: string
}

/** One document of a YAML stream. */
export interface YamlDocument {
  readonly value: Json
  /** 0-based position among the documents of the stream. */
  readonly index: number
  /** 1-based line of the document's first node; of the stream's first line when it is empty. */
  readonly startLine: number
}

/**
 * Reads one YAML or JSON text as `sigs.k8s.io/yaml` does: the first document
 * counts, an empty text is `null`, the last of equal keys wins, keys become
 * strings. Objects may share nodes where the text has aliases.
 *
 * Integers above 2^53 lose their last digits, since JSON numbers of JavaScript
 * are double precision (Kubernetes keeps int64); no field of a Pod needs more.
 *
 * @throws YamlError
 */
export function parseYaml(text: string, options: ParseYamlOptions = {}): Json {
  const json = parseAsJson(text)
  if (json !== undefined) return json
  const { events, text: read } = readEvents(text, options.source)
  const end = events.findIndex((event, i) => i > 0 && event.type === EVENT_ID.DOCUMENT)
  const [value = null] = construct(end < 0 ? events : events.slice(0, end), read, options.source)
  return value
}

/**
 * Reads all documents of a stream, empty ones (`null`) included.
 *
 * @throws YamlError
 */
export function parseYamlDocuments(text: string, options: ParseYamlOptions = {}): YamlDocument[] {
  const { events, text: read } = readEvents(text, options.source)
  const lines = documentLines(events, read)
  return construct(events, read, options.source).map((value, index) => ({ value, index, startLine: lines[index] ?? 1 }))
}

/** The quick way for texts that are JSON; `undefined` means: read it as YAML. */
function parseAsJson(text: string): Json | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  // JSON.parse turns 1e400 into Infinity, YAML keeps it as text.
  if (/\d[eE]\+?\d{3}/.test(text)) return undefined
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  checkExpansion(value)
  return value
}

function readEvents(text: string, source: string | undefined): { readonly events: Event[]; readonly text: string } {
  try {
    return readEventsLikeGo(text, { maxDepth: MAX_DEPTH })
  } catch (error) {
    throw toYamlError(error, source)
  }
}

function construct(events: Event[], text: string, source: string | undefined): Json[] {
  let values: Json[]
  try {
    // Events and tags of ours yield JSON values and nothing else.
    values = constructFromEvents(events, { source: text, schema: kubernetesSchema, json: true }) as Json[]
  } catch (error) {
    throw toYamlError(error, source)
  }
  const aliased = events.some((event) => event.type === EVENT_ID.ALIAS)
  const notFinite = /\.(?:inf|nan)/i.test(text)
  for (const value of values) {
    if (aliased) checkExpansion(value, source)
    if (notFinite) checkFinite(value, source)
  }
  return values
}

function toYamlError(error: unknown, source: string | undefined): YamlError {
  if (error instanceof YAMLException) {
    const { mark } = error
    return new YamlError(
      error.reason,
      mark === undefined ? 0 : mark.line + 1,
      mark === undefined ? 0 : mark.column + 1,
      source,
    )
  }
  // Deeply nested flow collections can exhaust the stack inside the parser.
  return new YamlError(error instanceof Error ? error.message : String(error), 0, 0, source)
}

/** Refuses alias bombs, cycles and nesting that would exhaust the stack of later steps. */
function checkExpansion(value: Json, source?: string): void {
  let nodes = 0
  const visit = (node: Json, depth: number): void => {
    if (typeof node !== 'object' || node === null) return
    if (depth > MAX_DEPTH) throw new YamlError(`nesting exceeds ${MAX_DEPTH} levels`, 0, 0, source)
    const children = isArray(node) ? node : Object.values(node)
    nodes += children.length
    if (nodes > MAX_EXPANDED_NODES) throw new YamlError('document contains excessive aliasing', 0, 0, source)
    for (const child of children) visit(child, depth + 1)
  }
  visit(value, 1)
}

function checkFinite(value: Json, source: string | undefined): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlError(`${value} cannot be written as JSON; quote it if text is meant`, 0, 0, source)
  }
  if (isArray(value)) for (const item of value) checkFinite(item, source)
  else if (isObject(value)) for (const item of Object.values(value)) checkFinite(item, source)
}

/** For each document of the stream, the line of its first node. */
function documentLines(events: readonly Event[], text: string): number[] {
  const lines: number[] = []
  let position = 0
  let line = 1
  for (let i = 0; i < events.length; i++) {
    if (events[i]?.type !== EVENT_ID.DOCUMENT) continue
    const start = nodeStart(events[i + 1])
    for (; position < start; position++) if (text.charCodeAt(position) === 10) line++
    lines.push(line)
  }
  return lines
}

function nodeStart(event: Event | undefined): number {
  if (event === undefined) return -1
  switch (event.type) {
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.SCALAR:
      return event.valueStart
    default:
      return -1
  }
}

/** How {@link dumpYaml} prints. */
export interface DumpYamlOptions {
  /** Order keys by code point at every level, as Go prints maps. Default: keep the object's order. */
  readonly sortKeys?: boolean
}

/**
 * Prints a value as block YAML that every YAML 1.1 and 1.2 reader takes for the
 * same value: `yes`, `on`, `12:30`, `0x1F`, `1e3`, … are quoted when they are
 * strings. No aliases, no line folding. Ends with a newline.
 */
export function dumpYaml(value: Json, options: DumpYamlOptions = {}): string {
  return dump(value, {
    noRefs: true,
    lineWidth: -1,
    seqNoIndent: true,
    ...(options.sortKeys === true ? { sortKeys: (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0) } : {}),
  })
}
