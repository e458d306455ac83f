/** `path.Base` and its like. The `os…` functions are the same: templates are rendered as on Linux. */
import { type FunctionMap, type GoFunction, goFunction, type Value } from '../value.ts'

const onPath = (call: (path: string) => Value) => goFunction(['string'], call)

const functions: Readonly<Record<'base' | 'dir' | 'clean' | 'ext' | 'isAbs', GoFunction>> = {
  base: onPath(base),
  dir: onPath((path) => clean(path.slice(0, path.lastIndexOf('/') + 1))),
  clean: onPath(clean),
  ext: onPath(extension),
  isAbs: onPath((path) => path.startsWith('/')),
}

export const pathFunctions: FunctionMap = {
  ...functions,
  osBase: functions.base,
  osDir: functions.dir,
  osClean: functions.clean,
  osExt: functions.ext,
  osIsAbs: functions.isAbs,
}

function base(path: string): string {
  if (path === '') return '.'
  let end = path.length
  while (end > 0 && path.charAt(end - 1) === '/') end--
  const trimmed = path.slice(0, end)
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** The shortest equal path: no `.`, no doubled slashes, `..` taken back where that is possible. */
function clean(path: string): string {
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') kept.push(segment)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push('..')
  }
  const joined = kept.join('/')
  return rooted ? `/${joined}` : joined === '' ? '.' : joined
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}
