/** The part of the .proto language that a table of messages, fields and enums needs. */

export interface ProtoField {
  readonly name: string
  /** As written; of a map, the type of its values. */
  readonly type: string
  readonly repeated: boolean
  /** The key type, for a map. */
  readonly map?: string
  readonly oneof?: string
  /** Only when the file overrides it. */
  readonly jsonName?: string
}

/** Value names to numbers, in declaration order. */
export type ProtoEnum = ReadonlyMap<string, number>

export interface ProtoFile {
  /** By full name, nested ones too. */
  readonly messages: ReadonlyMap<string, readonly ProtoField[]>
  readonly enums: ReadonlyMap<string, ProtoEnum>
}

/** Reads a proto3 file. Throws an `Error` that names the unexpected token. */
export function parseProto(text: string): ProtoFile {
  const file = { messages: new Map<string, readonly ProtoField[]>(), enums: new Map<string, ProtoEnum>() }
  const tokens = newTokens(text)
  let scope = ''
  while (tokens.peek() !== undefined) {
    if (tokens.takes('package')) scope = tokens.next()
    else if (tokens.takes('message')) readMessage(tokens, scope, file)
    else if (tokens.takes('enum')) readEnum(tokens, scope, file)
    else if (!tokens.takes(';')) skipStatement(tokens)
  }
  return file
}

interface MutableFile {
  readonly messages: Map<string, readonly ProtoField[]>
  readonly enums: Map<string, ProtoEnum>
}

interface Tokens {
  peek(): string | undefined
  next(): string
  /** Steps over the token if it is that one. */
  takes(token: string): boolean
  expect(token: string): void
}

function newTokens(text: string): Tokens {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z0-9_.+-]+|\S/g
  const tokens = [...text.matchAll(pattern)]
    .map((match) => match[0])
    .filter((token) => !token.startsWith('//') && !token.startsWith('/*'))
  let at = 0
  const next = (): string => {
    const token = tokens[at++]
    if (token === undefined) throw new Error('unexpected end of file')
    return token
  }
  return {
    peek: () => tokens[at],
    next,
    takes(token) {
      if (tokens[at] !== token) return false
      at++
      return true
    },
    expect(token) {
      const found = next()
      if (found !== token) throw new Error(`expected ${token}, found ${found}`)
    },
  }
}

function skipStatement(tokens: Tokens): void {
  let depth = 0
  for (;;) {
    const token = tokens.next()
    if (token === '{') depth++
    if (token === '}' && --depth === 0 && tokens.peek() !== ';') return
    if (token === ';' && depth === 0) return
  }
}

function readMessage(tokens: Tokens, scope: string, file: MutableFile): void {
  const name = `${scope}.${tokens.next()}`
  const fields: ProtoField[] = []
  tokens.expect('{')
  while (!tokens.takes('}')) {
    if (tokens.takes('message')) readMessage(tokens, name, file)
    else if (tokens.takes('enum')) readEnum(tokens, name, file)
    else if (tokens.takes('oneof')) fields.push(...readOneof(tokens))
    else if (startsIgnored(tokens.peek())) skipStatement(tokens)
    else if (!tokens.takes(';')) fields.push(readField(tokens, undefined))
  }
  file.messages.set(name, fields)
}

function startsIgnored(token: string | undefined): boolean {
  return token === 'option' || token === 'reserved' || token === 'extensions'
}

function readOneof(tokens: Tokens): readonly ProtoField[] {
  const oneof = tokens.next()
  const fields: ProtoField[] = []
  tokens.expect('{')
  while (!tokens.takes('}')) {
    if (startsIgnored(tokens.peek())) skipStatement(tokens)
    else fields.push(readField(tokens, oneof))
  }
  return fields
}

function readEnum(tokens: Tokens, scope: string, file: MutableFile): void {
  const name = tokens.next()
  const values = new Map<string, number>()
  tokens.expect('{')
  while (!tokens.takes('}')) {
    if (startsIgnored(tokens.peek())) {
      skipStatement(tokens)
      continue
    }
    const value = tokens.next()
    tokens.expect('=')
    values.set(value, Number(tokens.peek()))
    readFieldEnd(tokens)
  }
  file.enums.set(`${scope}.${name}`, values)
}

function readField(tokens: Tokens, oneof: string | undefined): ProtoField {
  const repeated = tokens.takes('repeated')
  if (!repeated) tokens.takes('optional')
  const map = tokens.takes('map') ? readMapType(tokens) : undefined
  const type = map === undefined ? tokens.next() : map.value
  const name = tokens.next()
  const jsonName = readFieldEnd(tokens)
  return {
    name,
    type,
    repeated,
    ...(map === undefined ? {} : { map: map.key }),
    ...(oneof === undefined ? {} : { oneof }),
    ...(jsonName === undefined ? {} : { jsonName }),
  }
}

function readMapType(tokens: Tokens): { readonly key: string; readonly value: string } {
  tokens.expect('<')
  const key = tokens.next()
  tokens.expect(',')
  const value = tokens.next()
  tokens.expect('>')
  return { key, value }
}

/** `= 3 [options];` → the json_name option, if any. */
function readFieldEnd(tokens: Tokens): string | undefined {
  let jsonName: string | undefined
  for (let token = tokens.next(); token !== ';'; token = tokens.next()) {
    if (token !== 'json_name') continue
    tokens.expect('=')
    jsonName = tokens.next().slice(1, -1)
  }
  return jsonName
}
