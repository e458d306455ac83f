/** `urlParse` and `urlJoin`. */
import { type FunctionMap, goFunction, type PlainMap, type Value } from '../value.ts'
import { kindOf } from './kinds.ts'
import { newMap, setEntry } from './map-entries.ts'
import { nilDereference } from './panic.ts'
import { formatUrl, hostName, parseUrl } from './url-parse.ts'

export const urlFunctions: FunctionMap = {
  urlParse: goFunction(['string'], toDict),
  urlJoin: goFunction(['map'], join),
}

function toDict(text: string): Value {
  const url = prefixed('unable to parse url', () => parseUrl(text))
  const dict = newMap()
  setEntry(dict, 'scheme', url.scheme)
  setEntry(dict, 'host', url.host)
  setEntry(dict, 'hostname', hostName(url.host))
  setEntry(dict, 'path', url.path)
  setEntry(dict, 'query', url.query)
  setEntry(dict, 'opaque', url.opaque)
  setEntry(dict, 'fragment', url.fragment)
  setEntry(dict, 'userinfo', url.userinfo ?? '')
  return dict
}

function join(parts: PlainMap): string {
  const [scheme, host, path, query, opaque, fragment, userinfo] = [
    'scheme',
    'host',
    'path',
    'query',
    'opaque',
    'fragment',
    'userinfo',
  ].map((key) => textPart(parts, key))
  return formatUrl({
    scheme: scheme ?? '',
    host: host ?? '',
    path: path ?? '',
    query: query ?? '',
    opaque: opaque ?? '',
    fragment: fragment ?? '',
    userinfo: readUserinfo(userinfo ?? ''),
  })
}

function readUserinfo(userinfo: string): string | undefined {
  if (userinfo === '') return undefined
  return prefixed('unable to parse userinfo in dict', () => parseUrl(`proto://${userinfo}@host`)).userinfo
}

function textPart(parts: PlainMap, key: string): string {
  if (!Object.hasOwn(parts, key)) return ''
  const value = parts[key]
  if (typeof value === 'string') return value
  if (value === null || value === undefined) throw nilDereference()
  throw new Error(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`)
}

function prefixed<T>(prefix: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new Error(`${prefix}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
