import { isObject, type Json, type JsonObject } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import { CLUSTER_PRINTERS } from './cluster.ts'
import type { TablePrinter } from './column.ts'
import { customPrinter } from './custom.ts'
import { NETWORK_PRINTERS } from './network.ts'
import { POD_PRINTER } from './pods.ts'
import { POLICY_PRINTERS } from './policies.ts'
import { WORKLOAD_PRINTERS } from './workloads.ts'

export interface TableOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  /** The query parameter of that name. Default: Metadata. */
  readonly includeObject?: 'None' | 'Metadata' | 'Object'
  /** `metadata` of the list (resourceVersion, continue …); an object alone has its resourceVersion. */
  readonly metadata?: JsonObject
  /** `additionalPrinterColumns` of a custom resource. */
  readonly printerColumns?: readonly JsonObject[]
  /** False for all events of a watch but the first: clients know the columns. Default: true. */
  readonly headers?: boolean
}

const PRINTERS: Readonly<Record<string, TablePrinter>> = {
  '/Pod': POD_PRINTER,
  ...WORKLOAD_PRINTERS,
  ...NETWORK_PRINTERS,
  ...CLUSTER_PRINTERS,
  ...POLICY_PRINTERS,
}

/**
 * Objects as `kubectl get` shows them: a `Table` of meta.k8s.io/v1 with all columns, those of `-o wide` too
 * (clients leave out what has a priority). Kinds that are not known have a name and an age.
 */
export function renderTable(
  resource: Pick<ResourceType, 'group' | 'kind'>,
  objects: readonly JsonObject[],
  options: TableOptions,
): JsonObject {
  const key = `${resource.group}/${resource.kind}`
  const printer = Object.hasOwn(PRINTERS, key) ? PRINTERS[key] : undefined
  const { columns, cells, conditions } = printer ?? customPrinter(options.printerColumns)
  const rows = objects.map((object) => {
    const ended = conditions?.(object) ?? []
    return {
      cells: cells(object, options.now),
      ...(ended.length === 0 ? {} : { conditions: ended }),
      object: included(object, options.includeObject ?? 'Metadata'),
    }
  })
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata ?? singleMetadata(objects),
    columnDefinitions: options.headers === false ? null : columns.map((column) => ({ ...column })),
    rows,
  }
}

function singleMetadata(objects: readonly JsonObject[]): JsonObject {
  const metadata = objects.length === 1 ? objects[0]?.metadata : undefined
  const version = isObject(metadata) ? metadata.resourceVersion : undefined
  return version === undefined ? {} : { resourceVersion: version }
}

function included(object: JsonObject, include: 'None' | 'Metadata' | 'Object'): Json {
  if (include === 'None') return null
  if (include === 'Object') return object
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata ?? {} }
}
