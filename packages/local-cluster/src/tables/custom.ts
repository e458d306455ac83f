import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import type { TableColumn, TablePrinter } from './column.ts'
import { timeSince } from './human-duration.ts'
import { findByPath } from './json-path.ts'
import { numberAt, textAt } from './read.ts'

const NAME: TableColumn = { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }
const AGE: JsonObject = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }

/** @param printerColumns `additionalPrinterColumns` of the definition's version; without them: the age */
export function customPrinter(printerColumns: readonly JsonObject[] | undefined): TablePrinter {
  const own = printerColumns === undefined || printerColumns.length === 0 ? [AGE] : printerColumns
  return {
    columns: [NAME, ...own.map(columnOf)],
    cells: (object, now) => [textAt(object, 'metadata', 'name'), ...own.map((column) => cellOf(column, object, now))],
  }
}

function columnOf(column: JsonObject): TableColumn {
  return {
    name: textAt(column, 'name'),
    type: textAt(column, 'type'),
    format: textAt(column, 'format'),
    description: textAt(column, 'description'),
    priority: numberAt(column, 'priority'),
  }
}

function cellOf(column: JsonObject, object: JsonObject, now: number): Json {
  const [value = null] = findByPath(textAt(column, 'jsonPath'), object)
  if (value === null) return null
  switch (textAt(column, 'type')) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null
    default:
      return isObject(value) || isArray(value) ? JSON.stringify(value) : String(value)
  }
}

function dateCell(time: string, now: number): string {
  const text = timeSince(time, now)
  return text === '<unknown>' && time !== '' ? '<invalid>' : text
}
