import type { TableRenderer } from '../http/presentation.ts'
import { renderTable } from './table.ts'

/** Tables for the HTTP server. @param now milliseconds since 1970 */
export function tableRenderer(now: () => number): TableRenderer {
  return (type, objects, { include, noHeaders, version }) => {
    const table = renderTable(type, objects, {
      now: now(),
      includeObject: include,
      headers: !noHeaders,
      metadata: {},
      ...(type.custom === undefined ? {} : { printerColumns: type.custom.columns }),
    })
    return { ...table, apiVersion: `meta.k8s.io/${version}` }
  }
}
