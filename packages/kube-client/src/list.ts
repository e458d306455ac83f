import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import { isExpired } from './errors.ts'
import type { Requester } from './http/requester.ts'
import { selectorQuery } from './paths/object-path.ts'
import type { ListOptions, ListRef, ObjectList, Query } from './types.ts'

/** Objects in one answer, as client-go does. */
const PAGE_SIZE = 500

/** All pages of a list. When the server forgot the list between two of them, it is asked for again as a whole. */
export async function listAll(
  requester: Requester,
  path: string,
  ref: ListRef,
  options: ListOptions = {},
): Promise<ObjectList> {
  const { keep = (object) => object } = options
  const page = (query: Query): Promise<JsonObject> => requester.json({ method: 'GET', path, query }, options)
  try {
    return await pages(page, ref, PAGE_SIZE, keep)
  } catch (error) {
    if (!isExpired(error)) throw error
    return pages(page, ref, undefined, keep)
  }
}

async function pages(
  read: (query: Query) => Promise<JsonObject>,
  ref: ListRef,
  limit: number | undefined,
  keep: NonNullable<ListOptions['keep']>,
): Promise<ObjectList> {
  const items: JsonObject[] = []
  let resourceVersion: string | undefined
  let token: string | undefined
  do {
    const query = { ...selectorQuery(ref), limit: limit?.toString(), continue: token }
    const page = await read(query)
    const found = getOwn(page, 'items')
    for (const item of isArray(found) ? found : []) {
      const kept = isObject(item) ? keep(withKind(item, ref)) : undefined
      if (kept !== undefined) items.push(kept)
    }
    const metadata = getOwn(page, 'metadata')
    // All pages are of one moment; a watch goes on from there.
    resourceVersion ??= metadataText(metadata, 'resourceVersion')
    token = metadataText(metadata, 'continue')
  } while (token !== undefined)
  return { items, resourceVersion: resourceVersion ?? '' }
}

/** The server leaves apiVersion and kind out of the items of a list. */
export function withKind(item: JsonObject, { apiVersion, kind }: ListRef): JsonObject {
  return Object.hasOwn(item, 'kind') ? item : { apiVersion, kind, ...item }
}

function metadataText(metadata: unknown, key: string): string | undefined {
  const value = isObject(metadata as JsonObject) ? getOwn(metadata as JsonObject, key) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}
