import { behaves } from '../behaviour.ts'

/** What an image reference is put together from. */
export interface ImageSettings {
  readonly hub: string
  readonly tag: string
  readonly variant: string
  /** `values.global.proxy.image`, `proxyv2` when empty. */
  readonly proxyImage: string
  /** `values.global.proxy_init.image`, `proxyv2` when empty. */
  readonly proxyInitImage: string
}

const DEFAULT_IMAGE = 'proxyv2'
/** Suffixes of a tag that an image type replaces, in the order in which they are looked for. */
const KNOWN_TYPES = ['distroless', 'debug']
const DEFAULT_TYPE = 'default'

/**
 * `hub/image:tag-type` of the proxy.
 *
 * @param configured `image.imageType` of the effective ProxyConfig; undefined when it has no `image`.
 * @param annotation `sidecar.istio.io/proxyImageType`, which beats everything when present.
 */
export function proxyImage(
  settings: ImageSettings,
  configured: string | undefined,
  annotation: string | undefined,
  minor: number,
): string {
  const variant = behaves(minor, 'variant') ? settings.variant : ''
  const keepsVariant = behaves(minor, 'emptyImageTypeKeepsVariant') && configured === ''
  const type = annotation ?? (configured === undefined || keepsVariant ? variant : configured)
  return reference(settings, settings.proxyImage, type)
}

/** The image of the init container; ProxyConfig has no say in it. */
export function proxyInitImage(settings: ImageSettings, annotation: string | undefined): string {
  return reference(settings, settings.proxyInitImage, annotation ?? settings.variant)
}

function reference(settings: ImageSettings, image: string, type: string): string {
  return `${settings.hub}/${image || DEFAULT_IMAGE}:${tagOfType(settings.tag, type)}`
}

/** A known suffix of the tag gives way to the type; the type `default` has no suffix. */
function tagOfType(tag: string, type: string): string {
  if (type === '') return tag
  const known = KNOWN_TYPES.find((suffix) => tag.endsWith(`-${suffix}`))
  const base = known === undefined ? tag : tag.slice(0, -known.length - 1)
  return type === DEFAULT_TYPE ? base : `${base}-${type}`
}
