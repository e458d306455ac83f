import type { MapNode, SourceNode } from './source-node.ts'

/** The keys that a map gets through its merge keys (`<<: *base`), whether it has them itself or not. */
export function offeredKeys(map: MapNode): Set<string> {
  const keys = new Set<string>()
  for (const pair of map.pairs) if (pair.merge) collect(pair.value, keys, new Set())
  return keys
}

function collect(source: SourceNode, keys: Set<string>, seen: Set<SourceNode>): void {
  if (seen.has(source)) return
  seen.add(source)
  if (source.kind === 'alias' && source.target !== undefined) collect(source.target, keys, seen)
  if (source.kind === 'list') for (const item of source.items) collect(item.value, keys, seen)
  if (source.kind !== 'map') return
  for (const pair of source.pairs) {
    if (pair.merge) collect(pair.value, keys, seen)
    else keys.add(pair.key)
  }
}
