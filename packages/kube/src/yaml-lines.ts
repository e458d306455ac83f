import { constructFromEvents, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, YAMLException } from 'js-yaml'
import type { Json, JsonPath } from './json.ts'
import { type ParseYamlOptions, parseYaml } from './yaml.ts'
import { MAX_DEPTH, readEventsLikeGo } from './yaml-indentation.ts'
import { keyText, kubernetesSchema } from './yaml-schema.ts'

/** A YAML document that knows where in the text its values stand. */
export interface LocatedYaml {
  readonly value: Json
  /**
   * 1-based line of the value at a path of keys and indexes; of its key, for a map, a list or a value that is left out.
   * What comes through an alias is where the anchor is. `undefined` where the document has no such path.
   */
  lineOf(path: JsonPath): number | undefined
  /** The same place as an offset in the text, in UTF-16 units. */
  offsetOf(path: JsonPath): number | undefined
}

/**
 * Reads YAML as {@link parseYaml} does and keeps the places of its values. The places are found out at the first
 * question, so an answer that nobody wants costs nothing.
 *
 * @throws YamlError
 */
export function parseYamlWithLines(text: string, options: ParseYamlOptions = {}): LocatedYaml {
  const value = parseYaml(text, options)
  let known: Located | undefined
  const located = (): Located => {
    known ??= locate(text)
    return known
  }
  return {
    value,
    lineOf: (path) => {
      const place = placeAt(located(), path)
      return place === undefined ? undefined : place.line + 1
    },
    offsetOf: (path) => placeAt(located(), path)?.offset,
  }
}

interface Located {
  readonly root: Place | undefined
  /** Offset in the text of what stands at an offset of the text that was read. */
  readonly translate: (offset: number) => { readonly line: number; readonly offset: number }
}

/** A node of the document. */
interface Place {
  readonly offset: number
  readonly children: Map<string | number, Place>
}

function locate(text: string): Located {
  try {
    const { events, text: read } = readEventsLikeGo(text, { maxDepth: MAX_DEPTH })
    return { root: placesOf(events, read), translate: translation(text, read) }
  } catch (error) {
    // JSON that is not YAML: tabs for indentation, for one. It has a value but no places.
    if (!(error instanceof YAMLException)) throw error
    return { root: undefined, translate: (offset) => ({ line: 0, offset }) }
  }
}

function placeAt({ root, translate }: Located, path: JsonPath): { line: number; offset: number } | undefined {
  let place = root
  for (const step of path) place = place?.children.get(step)
  return place === undefined || place.offset < 0 ? undefined : translate(place.offset)
}

/** Lines were moved to the right before they were read, never split or joined: only columns differ. */
function translation(text: string, read: string): Located['translate'] {
  const original = lineStarts(text)
  const shifted = read === text ? original : lineStarts(read)
  return (offset) => {
    const line = lineAt(shifted, offset)
    const start = original[line] ?? 0
    const shift =
      (shifted[line + 1] ?? read.length) - (shifted[line] ?? 0) - ((original[line + 1] ?? text.length) - start)
    return { line, offset: start + Math.max(0, offset - (shifted[line] ?? 0) - shift) }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

interface Reader {
  readonly events: readonly Event[]
  readonly text: string
  readonly anchors: Map<string, Place>
  position: number
}

/** The tree of the first document. */
function placesOf(events: readonly Event[], text: string): Place | undefined {
  const reader: Reader = { events, text, anchors: new Map(), position: 1 }
  return events.length < 2 ? undefined : readPlace(reader, -1)
}

/** Reads one node. `outer` is where it is when the node itself does not stand anywhere: its key. */
function readPlace(reader: Reader, outer: number): Place | undefined {
  const event = reader.events[reader.position++]
  if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined
  if (event.type === EVENT_ID.ALIAS) {
    const anchored = reader.anchors.get(reader.text.slice(event.anchorStart, event.anchorEnd))
    return { offset: event.anchorStart, children: anchored?.children ?? new Map() }
  }
  const place = { offset: offsetOf(event, outer), children: new Map<string | number, Place>() }
  if (event.anchorStart >= 0) reader.anchors.set(reader.text.slice(event.anchorStart, event.anchorEnd), place)
  if (event.type === EVENT_ID.SEQUENCE) readItems(reader, place)
  else if (event.type === EVENT_ID.MAPPING) readPairs(reader, place)
  return place
}

function offsetOf(event: Extract<Event, { readonly anchorStart: number }>, outer: number): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart >= 0 ? event.valueStart : outer
  return outer >= 0 || event.type === EVENT_ID.ALIAS ? outer : event.start
}

function readItems(reader: Reader, place: Place): void {
  for (let index = 0; ; index++) {
    const item = readPlace(reader, -1)
    if (item === undefined) return
    place.children.set(index, item.offset < 0 ? { ...item, offset: place.offset } : item)
  }
}

function readPairs(reader: Reader, place: Place): void {
  const merged: Place[] = []
  for (;;) {
    const event = reader.events[reader.position]
    const key = readPlace(reader, -1)
    if (event === undefined || key === undefined) break
    const value = readPlace(reader, key.offset)
    if (value === undefined) break
    const text = event.type === EVENT_ID.SCALAR ? keyOf(event, reader.text) : undefined
    if (text === '<<') merged.push(value)
    else if (text !== undefined) place.children.set(text, value)
  }
  for (const { children } of merged.flatMap(mappingsOf)) {
    for (const [key, child] of children) if (!place.children.has(key)) place.children.set(key, child)
  }
}

/** `<<` takes a mapping or a list of mappings. */
function mappingsOf(place: Place): readonly Place[] {
  return place.children.has(0) ? [...place.children.values()] : [place]
}

/** What a key that is not quoted can be besides a text. */
const MAY_BE_SCALAR = /^[-+.\dyYnNtTfFoO~]/

function keyOf(event: Extract<Event, { readonly chomping: unknown }>, text: string): string | undefined {
  const key = getScalarValue(text, event)
  if (event.style !== SCALAR_STYLE.PLAIN || !MAY_BE_SCALAR.test(key)) return key
  const document: Event = { type: EVENT_ID.DOCUMENT, explicitStart: false, explicitEnd: false, directives: [] }
  const alone = { ...event, anchorStart: -1, anchorEnd: -1 }
  const [value] = constructFromEvents([document, alone, { type: EVENT_ID.POP }], {
    source: text,
    schema: kubernetesSchema,
  })
  return keyText(value)
}
