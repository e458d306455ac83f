import { getOwn, isObject, type JsonObject, type LabelMap } from '@proa/kube'
import type { Context } from '../context.ts'
import { type InputObject, objectMetadata } from '../inputs/objects.ts'
import { readKind } from './session.ts'

/**
 * Namespace objects by name. Those of the file win over those that stand among the manifests.
 * @param fileName what `--namespaces` names.
 */
export async function readNamespaces(
  context: Context,
  fileName: string | undefined,
  manifests: readonly InputObject[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const given = fileName === undefined ? [] : await readKind(context, fileName, 'Namespace')
  const among = manifests.map(({ value }) => value).filter((object) => getOwn(object, 'kind') === 'Namespace')
  const byName = new Map<string, JsonObject>()
  for (const object of [...among, ...given]) {
    const { name } = objectMetadata(object)
    if (name !== undefined) byName.set(name, object)
  }
  return byName
}

/** The labels of every namespace that is known. */
export function namespaceLabels(namespaces: ReadonlyMap<string, JsonObject>): ReadonlyMap<string, LabelMap> {
  return new Map([...namespaces].map(([name, namespace]) => [name, labelsOf(namespace)]))
}

function labelsOf(object: JsonObject): LabelMap {
  const metadata = getOwn(object, 'metadata')
  const labels = isObject(metadata) ? getOwn(metadata, 'labels') : undefined
  const entries = isObject(labels) ? Object.entries(labels) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
