import type { Json, JsonObject } from '@proa/kube'

/** A column of a table as clients see it. Columns with a priority above 0 are for `-o wide`. */
export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

/** How one kind is shown. */
export interface TablePrinter {
  readonly columns: readonly TableColumn[]
  /** One cell for each column. */
  cells(object: JsonObject, now: number): readonly Json[]
  /** Says of a row whether what it shows has ended. */
  conditions?(object: JsonObject): readonly JsonObject[]
}

/**
 * Columns in short: `Ready`, `Desired:integer`, `IP!1` (only wide), `Created_At:date` (with a space). The
 * column `Name` is the name of the object.
 */
export function columns(text: string): TableColumn[] {
  return text.split(' ').map((word) => {
    const [rest = '', priority = '0'] = word.split('!')
    const [name = '', type = 'string'] = rest.split(':')
    return {
      name: name.replaceAll('_', ' '),
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: Number(priority),
    }
  })
}
