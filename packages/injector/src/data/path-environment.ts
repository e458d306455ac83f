import { behaves } from '../behaviour.ts'
import { ENV } from '../names.ts'

const SEPARATOR = ':ENV:'
const ESCAPED_SLASH = '--slash--'

/**
 * Reads the environment of the proxy out of the webhook's URL path, percent-decoded:
 * `/inject/cluster/c1/net/n1` or `/inject/:ENV:cluster=c1:ENV:net=n1`.
 *
 * Names: `cluster` and `net` stand for Istio's variables, any other is upper-cased. A last name without a value is dropped.
 */
export function environmentFromPath(path: string, minor: number): Map<string, string> {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path
  const parts = trimmed.split('/')
  const rest = parts.length >= 3 ? parts.slice(2).join('/') : undefined
  const pairs = rest === undefined ? [] : readPairs(rest, minor)
  const variables = pairs.map(([name, value]): [string, string] => [variableName(name), value])
  return new Map(variables.filter(([name]) => name !== ''))
}

function readPairs(rest: string, minor: number): [string, string][] {
  if (rest.startsWith(SEPARATOR) && behaves(minor, 'envPathForm')) {
    return rest
      .split(SEPARATOR)
      .slice(1)
      .flatMap((pair): [string, string][] => {
        const equals = pair.indexOf('=')
        return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)]] : []
      })
  }
  const items = rest.split('/')
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < items.length; i += 2) {
    const value = items[i + 1] ?? ''
    pairs.push([items[i] ?? '', behaves(minor, 'slashInPath') ? value.replaceAll(ESCAPED_SLASH, '/') : value])
  }
  return pairs
}

function variableName(name: string): string {
  if (name === 'cluster') return ENV.clusterId
  if (name === 'net') return ENV.network
  return name.toUpperCase()
}
