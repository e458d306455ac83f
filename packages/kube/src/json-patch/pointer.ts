import type { JsonPath } from '../json.ts'

/** RFC 6901: a path as a JSON pointer. The root is `''`. */
export function formatPointer(path: JsonPath): string {
  let text = ''
  for (const step of path) text += `/${typeof step === 'number' ? step : escapeStep(step)}`
  return text
}

function escapeStep(step: string): string {
  return /[~/]/.test(step) ? step.replaceAll('~', '~0').replaceAll('/', '~1') : step
}

/** RFC 6901: the steps of a JSON pointer as texts, or `undefined` when it is none. */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((step) => (step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step))
}
