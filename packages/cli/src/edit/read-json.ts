import { columnOf } from './read-yaml.ts'
import { type Pair, type Place, type SourceDocument, SourceError, type SourceNode } from './source-node.ts'

/**
 * Lays out a JSON text. A reader of its own, because YAML forbids the tabs that JSON files are often indented with.
 * @throws SourceError with the offset when the text is not JSON.
 */
export function readJson(text: string): SourceDocument {
  const cursor = { text, at: 0 }
  skipSpace(cursor)
  const frame = { slot: cursor.at, within: 'document' as const, inFlow: false, parentColumn: -1 }
  const root = readValue(cursor, frame)
  skipSpace(cursor)
  if (cursor.at < text.length) fail(cursor, 'more text after the value')
  return { text, json: true, root, aliases: [] }
}

interface Cursor {
  readonly text: string
  at: number
}

type Frame = Pick<Place, 'slot' | 'within' | 'inFlow' | 'parentColumn'>

function readValue(cursor: Cursor, frame: Frame): SourceNode {
  skipSpace(cursor)
  const start = cursor.at
  const first = cursor.text[start]
  const place = { ...frame, afterProps: frame.slot, start }
  if (first === '{') return readObject(cursor, place)
  if (first === '[') return readArray(cursor, place)
  if (first === '"') {
    skipString(cursor)
    return { kind: 'scalar', style: 'double', ...place, end: cursor.at }
  }
  const literal = /[-+.\w]+/y
  literal.lastIndex = start
  if (!literal.test(cursor.text)) fail(cursor, 'a value is missing')
  cursor.at = literal.lastIndex
  return { kind: 'scalar', style: 'plain', ...place, end: cursor.at }
}

function readObject(cursor: Cursor, place: Omit<Place, 'end'>): SourceNode {
  const column = columnOf(cursor.text, place.start)
  const pairs: Pair[] = []
  cursor.at += 1
  while (!closes(cursor, '}', pairs.length > 0)) {
    const start = cursor.at
    skipString(cursor)
    const key: unknown = JSON.parse(cursor.text.slice(start, cursor.at))
    skipSpace(cursor)
    if (cursor.text[cursor.at] !== ':') fail(cursor, 'a colon is missing')
    cursor.at += 1
    const value = readValue(cursor, { slot: cursor.at, within: 'map', inFlow: true, parentColumn: column })
    pairs.push({ key: String(key), merge: false, start, hasColon: true, value })
  }
  return { kind: 'map', flow: true, column, pairs, ...place, end: cursor.at }
}

function readArray(cursor: Cursor, place: Omit<Place, 'end'>): SourceNode {
  const column = columnOf(cursor.text, place.start)
  const items: { start: number; value: SourceNode }[] = []
  cursor.at += 1
  while (!closes(cursor, ']', items.length > 0)) {
    const value = readValue(cursor, { slot: cursor.at, within: 'list', inFlow: true, parentColumn: column })
    items.push({ start: value.start, value })
  }
  return { kind: 'list', flow: true, column, items, ...place, end: cursor.at }
}

/** Steps over the comma before the next entry, or over the closing bracket (then true). */
function closes(cursor: Cursor, bracket: string, needsComma: boolean): boolean {
  skipSpace(cursor)
  const found = cursor.text[cursor.at]
  if (found === bracket) {
    cursor.at += 1
    return true
  }
  if (needsComma) {
    if (found !== ',') fail(cursor, `"," or "${bracket}" is missing`)
    cursor.at += 1
    skipSpace(cursor)
  }
  return false
}

function skipSpace(cursor: Cursor): void {
  const space = /[ \t\r\n]*/y
  space.lastIndex = cursor.at
  space.test(cursor.text)
  cursor.at = space.lastIndex
}

function skipString(cursor: Cursor): void {
  const string = /"(?:[^"\\]|\\.)*"/sy
  string.lastIndex = cursor.at
  if (!string.test(cursor.text)) fail(cursor, 'a string is missing or not closed')
  cursor.at = string.lastIndex
}

function fail(cursor: Cursor, what: string): never {
  throw new SourceError(`${what} at offset ${cursor.at}`)
}
