import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'

/**
 * What native sidecars depend on: the names and kubelet versions of Nodes. While all have the same minor version, one Node
 * of each version stands for all, so that Nodes that come and go do not compile the configuration again.
 */
export function nodeFacts(nodes: readonly JsonObject[]): readonly JsonObject[] {
  const facts = nodes.map((node) => ({
    name: text(node, 'metadata', 'name'),
    version: text(node, 'status', 'nodeInfo', 'kubeletVersion'),
  }))
  const versions = [...new Set(facts.map(({ version }) => version))].sort()
  const minors = new Set(versions.map((version) => /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version))
  if (minors.size <= 1) return versions.map((version) => node('', version))
  return facts.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, version }) => node(name, version))
}

/** The little of a Node that is needed, out of some 20 KiB: a cluster may have thousands. */
export function smallNode(node: JsonObject): JsonObject {
  const metadata = Object.fromEntries(
    ['name', 'uid', 'resourceVersion'].map((key) => [key, text(node, 'metadata', key)]),
  )
  return { metadata, status: { nodeInfo: { kubeletVersion: text(node, 'status', 'nodeInfo', 'kubeletVersion') } } }
}

function node(name: string, kubeletVersion: string): JsonObject {
  return { metadata: { name }, status: { nodeInfo: { kubeletVersion } } }
}

function text(object: JsonObject, ...path: readonly string[]): string {
  let value: Json | undefined = object
  for (const key of path) value = isObject(value) ? getOwn(value, key) : undefined
  return typeof value === 'string' ? value : ''
}
