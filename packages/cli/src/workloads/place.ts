import { type CustomWorkload, findPodTemplate, formatPath } from '@proa/kube'
import { CliError, type ErrorPlace } from '../cli-error.ts'
import { lineOfPath, parsePathText } from '../edit/locate.ts'
import { type InputObject, objectName } from '../inputs/objects.ts'
import { textOf } from '../results/changes.ts'

/** File, document, line, name and path of an object of the input. */
export function placeOf(object: InputObject, documents: number): ErrorPlace {
  const { file, span } = object.document
  const path = object.path.length === 0 ? {} : { path: formatPath(object.path) }
  const number = documents > 1 ? { document: span.index + 1 } : {}
  return {
    file: file.name,
    line: span.line + headLines(textOf(object.document)),
    ...number,
    object: objectName(object.value),
    ...path,
  }
}

/** Lines of comments and space before the content of a document. */
function headLines(text: string): number {
  const head = /^(?:[ \t]*(?:#.*)?\r?\n)*/.exec(text)?.[0] ?? ''
  return head.split('\n').length - 1
}

/** `Deployment shop/cart (shop.yaml, document 2)` */
export function describeObject(object: InputObject, documents: number): string {
  const { file, document } = placeOf(object, documents)
  return `${objectName(object.value)} (${file}${document === undefined ? '' : `, document ${document}`})`
}

/** What the engine says about a workload that it refuses. */
export interface WorkloadFault {
  readonly message: string
  /** Inside the Pod: `metadata.annotations["a.b/c"]`. */
  readonly path?: string | undefined
  readonly hint?: string | undefined
}

/** The error for one workload, with the line of the value that is wrong. */
export function workloadError(object: InputObject, documents: number, fault: WorkloadFault, extra: Extra): CliError {
  const { message, path, hint } = fault
  // Istio ends a list of errors with empty lines.
  return new CliError(message.trimEnd(), {
    place: { ...placeOf(object, documents), ...pathInFile(object, path, extra) },
    hint,
  })
}

type Extra = readonly CustomWorkload[] | undefined

/** Line and full path of something inside the Pod of a workload. */
export function pathInFile(object: InputObject, podPath: string | undefined, extra: Extra): ErrorPlace {
  if (podPath === undefined || podPath === '') return {}
  // What is wrong in the injector's configuration has no place in the manifest.
  if (podPath.startsWith('config.')) return { path: podPath }
  const steps = parsePathText(podPath.replace(/^pod\./, ''))
  const template = findPodTemplate(object.value, extra ?? [])
  const holder = (steps[0] === 'metadata' ? template?.metadataPath : template?.path) ?? []
  const path = [...object.path, ...holder, ...steps]
  const inDocument = lineOfPath(textOf(object.document), path)
  const line = inDocument === undefined ? {} : { line: object.document.span.line + inDocument - 1 }
  return { ...line, path: formatPath(path) }
}

/** How many documents the file of every object has: one document needs no number. */
export function documentCounts(objects: readonly InputObject[]): (object: InputObject) => number {
  const last = new Map<unknown, number>()
  for (const { document } of objects)
    last.set(document.file, Math.max(last.get(document.file) ?? 0, document.span.index + 1))
  return ({ document }) => last.get(document.file) ?? 1
}
