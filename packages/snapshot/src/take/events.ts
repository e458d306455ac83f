import { type Collected, joined } from './collected.ts'
import type { Reader } from './reader.ts'
import { readKind, readKindWherePossible, type Scope } from './scope.ts'

interface Where {
  readonly scope: Scope
  readonly namespaces: readonly string[]
  readonly controlPlanes: readonly string[]
}

/**
 * Warnings of all namespaces. That containers were pulled and started is most of what there is, and is of interest only
 * where the injectors are.
 */
export async function readEvents(reader: Reader, { scope, namespaces, controlPlanes }: Where): Promise<Collected> {
  const warnings = await readKindWherePossible(reader, 'Event', {
    scope,
    namespaces,
    where: { fieldSelector: 'type!=Normal' },
  })
  if (warnings.unread.some(({ namespace }) => namespace === undefined)) return warnings
  const where = { fieldSelector: 'type=Normal' } as const
  const ordinary = await readKind(reader, 'Event', { kind: 'some', namespaces: controlPlanes }, where)
  return joined([warnings, { objects: ordinary.objects, unread: [] }])
}
