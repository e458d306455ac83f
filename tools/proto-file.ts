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
  const tokens = tokenize(text)
  const messages = new Map<string, readonly ProtoField[]>()
  const enums = new Map<string, ProtoEnum>()
  let at = 0

  const next = (): string => {
    const token = tokens[at++]
    if (token === undefined) throw new Error('unexpected end of file')
    return token
  }
  const expect = (wanted: string): void => {
    const token = next()
    if (token !== wanted) throw new Error(`expected ${wanted}, found ${token}`)
  }
  const skipStatement = (): void => {
    let depth = 0
    for (;;) {
      const token = next()
      if (token === '{') depth++
      if (token === '}' && --depth === 0 && tokens[at] !== ';') return
      if (token === ';' && depth === 0) return
    }
  }
  /** `= 3 [options];` → the json_name option, if any. */
  const fieldEnd = (): string | undefined => {
    let jsonName: string | undefined
    for (let token = next(); token !== ';'; token = next()) {
      if (token !== 'json_name') continue
      expect('=')
      jsonName = next().slice(1, -1)
    }
    return jsonName
  }
  const field = (oneof: string | undefined): ProtoField => {
    let token = next()
    const repeated = token === 'repeated'
    if (repeated || token === 'optional') token = next()
    let map: string | undefined
    if (token === 'map') {
      expect('<')
      map = next()
      expect(',')
      token = next()
      expect('>')
    }
    const name = next()
    const jsonName = fieldEnd()
    return {
      name,
      type: token,
      repeated,
      ...(map === undefined ? {} : { map }),
      ...(oneof === undefined ? {} : { oneof }),
      ...(jsonName === undefined ? {} : { jsonName }),
    }
  }
  const enumBody = (scope: string): void => {
    const name = next()
    const values = new Map<string, number>()
    expect('{')
    while (tokens[at] !== '}') {
      if (tokens[at] === 'option' || tokens[at] === 'reserved') {
        skipStatement()
        continue
      }
      const value = next()
      expect('=')
      values.set(value, Number(tokens[at]))
      fieldEnd()
    }
    at++
    enums.set(`${scope}.${name}`, values)
  }
  const oneofBody = (fields: ProtoField[]): void => {
    const oneof = next()
    expect('{')
    while (tokens[at] !== '}') {
      if (tokens[at] === 'option') skipStatement()
      else fields.push(field(oneof))
    }
    at++
  }
  const messageBody = (scope: string): void => {
    const name = `${scope}.${next()}`
    const fields: ProtoField[] = []
    expect('{')
    for (let token = tokens[at]; token !== '}'; token = tokens[at]) {
      if (token === 'message') {
        at++
        messageBody(name)
      } else if (token === 'enum') {
        at++
        enumBody(name)
      } else if (token === 'oneof') {
        at++
        oneofBody(fields)
      } else if (token === 'option' || token === 'reserved' || token === 'extensions') skipStatement()
      else if (token === ';') at++
      else fields.push(field(undefined))
    }
    at++
    messages.set(name, fields)
  }

  let scope = ''
  while (at < tokens.length) {
    const token = next()
    if (token === 'package') scope = next()
    else if (token === 'message') messageBody(scope)
    else if (token === 'enum') enumBody(scope)
    else if (token !== ';') {
      at--
      skipStatement()
    }
  }
  return { messages, enums }
}

function tokenize(text: string): string[] {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z0-9_.+-]+|\S/g
  return [...text.matchAll(pattern)]
    .map((match) => match[0])
    .filter((token) => !token.startsWith('//') && !token.startsWith('/*'))
}
