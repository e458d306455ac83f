import { formatPath } from '@proa/kube'
import { CliError, type ErrorPlace } from '../cli-error.ts'
import { lineOfPath, parsePathText } from '../edit/locate.ts'
import { type InputObject, objectName } from '../inputs/objects.ts'
import { textOf } from '../results/changes.ts'

/** File, document, line, name and path of an object of the input. */
export function placeOf(object: InputObject, documents: number): ErrorPlace {
  const { file, span } = object.document
  const path = object.path.length === 0 ? {} : { path: formatPath(object.path) }
  const number = documents > 1 ? { document: span.index + 1 } : {}
  return { file: file.name, line: span.line, ...number, object: objectName(object.value), ...path }
}

/** What the engine says about a workload that it refuses. */
export interface WorkloadFault {
  readonly message: string
  /** Inside the object: `spec.template.metadata.annotations["a.b/c"]`. */
  readonly path?: string | undefined
  readonly hint?: string | undefined
}

/** The error for one workload, with the line of the value that is wrong. */
export function workloadError(object: InputObject, documents: number, fault: WorkloadFault): CliError {
  const place = placeOf(object, documents)
  const { message, path, hint } = fault
  if (path === undefined) return new CliError(message, { place, hint })
  const steps = parsePathText(path)
  const inDocument = lineOfPath(textOf(object.document), [...object.path, ...steps])
  const line = inDocument === undefined ? {} : { line: object.document.span.line + inDocument - 1 }
  const full = object.path.length === 0 ? path : `${formatPath(object.path)}.${path}`
  return new CliError(message, { place: { ...place, ...line, path: full }, hint })
}

/** How many documents the file of every object has: one document needs no number. */
export function documentCounts(objects: readonly InputObject[]): (object: InputObject) => number {
  const last = new Map<unknown, number>()
  for (const { document } of objects)
    last.set(document.file, Math.max(last.get(document.file) ?? 0, document.span.index + 1))
  return ({ document }) => last.get(document.file) ?? 1
}
