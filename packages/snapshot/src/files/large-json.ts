import { isObject, type Json, type JsonObject, setOwn } from '@proa/kube'
import { DEEPEST } from './documents.ts'

/** Below this a text is read as a whole. */
const LARGE = 4 * 1024 * 1024

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const [OPEN_MAP, CLOSE_MAP, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]

/** Whether the ordinary way would take much more memory. */
export function isLargeJson(bytes: Buffer): boolean {
  return bytes.length >= LARGE && bytes[skipSpace(bytes, 0)] === OPEN_MAP
}

/**
 * A large JSON text whose top level is a map with a list of objects, `objects` of a saved snapshot or `items` of a List. Its
 * items are parsed one by one and handed to `share`, so that neither the whole text nor the whole tree is in memory: of 5,000
 * Pods the one is 60 MiB of bytes, and 120 MiB as a text; the other is 150 MiB. Undefined for anything else: then the text is
 * read in the ordinary way, which knows what to say about it.
 */
export function parseLarge(bytes: Buffer, share: (object: JsonObject) => JsonObject): Json | undefined {
  try {
    return parts(bytes, share)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function parts(bytes: Buffer, share: (object: JsonObject) => JsonObject): Json {
  const whole: Record<string, Json> = {}
  const start = skipSpace(bytes, 0)
  if (bytes[start] !== OPEN_MAP) throw new SyntaxError('a map is expected')
  let at = skipSpace(bytes, start + 1)
  while (bytes[at] !== CLOSE_MAP) {
    const keyEnd = endOfText(bytes, at)
    const key = parse(bytes, at, keyEnd)
    const colon = skipSpace(bytes, keyEnd)
    if (bytes[colon] !== COLON || typeof key !== 'string') throw new SyntaxError('a key is expected')
    const from = skipSpace(bytes, colon + 1)
    const list = (key === 'items' || key === 'objects') && bytes[from] === OPEN_LIST
    const read = list ? readList(bytes, from, share) : readValue(bytes, from)
    setOwn(whole, key, read.value)
    at = next(bytes, read.end, CLOSE_MAP)
  }
  if (skipSpace(bytes, at + 1) !== bytes.length) throw new SyntaxError('more than one document')
  return whole
}

interface Read {
  readonly value: Json
  readonly end: number
}

function readList(bytes: Buffer, start: number, share: (object: JsonObject) => JsonObject): Read {
  const items: Json[] = []
  let at = skipSpace(bytes, start + 1)
  while (bytes[at] !== CLOSE_LIST) {
    const { value, end } = readValue(bytes, at)
    items.push(isObject(value) ? share(value) : value)
    at = next(bytes, end, CLOSE_LIST)
  }
  return { value: items, end: at + 1 }
}

/** Behind a comma, or at the closing bracket. */
function next(bytes: Buffer, end: number, close: number): number {
  const at = skipSpace(bytes, end)
  if (bytes[at] === close) return at
  if (bytes[at] !== COMMA) throw new SyntaxError('a comma is expected')
  const after = skipSpace(bytes, at + 1)
  if (bytes[after] === close) throw new SyntaxError('a comma too many')
  return after
}

function readValue(bytes: Buffer, start: number): Read {
  const end = endOfValue(bytes, start)
  return { value: parse(bytes, start, end), end }
}

const parse = (bytes: Buffer, start: number, end: number): Json =>
  JSON.parse(bytes.toString('utf8', start, end)) as Json

/** Only brackets and texts are looked at; `JSON.parse` finds what is wrong between them. */
function endOfValue(bytes: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfText(bytes, at) - 1
    else if (byte === OPEN_MAP || byte === OPEN_LIST) depth += 1
    else if (byte === CLOSE_MAP || byte === CLOSE_LIST) depth -= 1
    else if (depth > 0 || !isEnd(byte)) continue
    if (depth > DEEPEST) throw new SyntaxError('nested too deep')
    if (depth < 0 || isEnd(byte)) return at
    if (depth === 0) return at + 1
  }
  throw new SyntaxError('the text ends too early')
}

/** What ends a number or a word. */
const isEnd = (byte: number | undefined): boolean => byte === COMMA || isSpace(byte)

function endOfText(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) throw new SyntaxError('a text is expected')
  for (let end = bytes.indexOf(QUOTE, start + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let escapes = 0
    while (bytes[end - 1 - escapes] === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) return end + 1
  }
  throw new SyntaxError('a text has no end')
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start
  while (isSpace(bytes[at])) at += 1
  return at
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
