/** An image reference taken apart: `registry.example/istio/proxyv2:1.24.0-distroless`. */
export interface ImageReference {
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

export function readImage(text: string): ImageReference {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  // A colon before the last slash belongs to the port of a registry.
  const colon = rest.lastIndexOf(':')
  const hasTag = colon > rest.lastIndexOf('/')
  return { repository: hasTag ? rest.slice(0, colon) : rest, tag: hasTag ? rest.slice(colon + 1) : undefined, digest }
}

/** The minor release of an Istio tag: `1.24.0-distroless` → 24. */
export function minorOf(tag: string | undefined): number | undefined {
  const minor = /^v?1\.(?<minor>\d{1,3})(?:[.-]|$)/.exec(tag ?? '')?.groups?.minor
  return minor === undefined ? undefined : Number(minor)
}
