/**
 * The fields that a JSON text has twice in one object, as the API server names them: `duplicate field "spec.replicas"`.
 * The text is valid JSON.
 */
export function duplicateFields(text: string): readonly string[] {
  const found: string[] = []
  const stack: Level[] = []
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g
  let key = ''
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [part] = match
    const level = stack.at(-1)
    if (part === '{') stack.push({ path: pathIn(level, key), keys: new Set(), index: 0, wantsKey: true })
    else if (part === '[') stack.push({ path: pathIn(level, key), keys: undefined, index: 0, wantsKey: false })
    else if (part === '}' || part === ']') stack.pop()
    else if (part === ',' && level !== undefined) {
      level.index += 1
      level.wantsKey = level.keys !== undefined
    } else if (part.startsWith('"') && level?.keys !== undefined && level.wantsKey) {
      key = JSON.parse(part) as string
      level.wantsKey = false
      const path = pathIn(level, key)
      if (level.keys.has(key)) found.push(`duplicate field ${JSON.stringify(path)}`)
      level.keys.add(key)
    }
  }
  return [...new Set(found)]
}

interface Level {
  readonly path: string
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined
  index: number
  wantsKey: boolean
}

function pathIn(level: Level | undefined, key: string): string {
  if (level === undefined) return ''
  if (level.keys === undefined) return `${level.path}[${level.index}]`
  return level.path === '' ? key : `${level.path}.${key}`
}
