import { InjectionConfigurationError } from './errors.ts'

/** The minor number of the development head that `current` follows (Istio 1.31). */
export const CURRENT_MINOR = 31
/** The oldest release whose behaviour is known. */
export const OLDEST_MINOR = 8

/** The Istio release whose behaviour is followed, and how it was chosen. */
export interface Release {
  /** 8 … {@link CURRENT_MINOR}: Istio 1.8 … current. */
  readonly minor: number
  /** `1.21`, or `current`. */
  readonly name: string
  readonly chosenBy: 'compat' | 'image-tag' | 'default'
  /** What the choice was read from: the value of `compat`, or the tag. */
  readonly evidence?: string
}

/**
 * Resolves `compat`.
 *
 * @param compat `auto`, `current`, or a release such as `1.21` or `1.21.6`.
 * @param tag    The configuration's image tag (`values.global.tag`), which `auto` reads where it is a version.
 * @throws InjectionConfigurationError for anything else.
 */
export function resolveRelease(compat: string, tag: string | undefined): Release {
  if (compat === 'current') return { minor: CURRENT_MINOR, name: 'current', chosenBy: 'compat', evidence: compat }
  if (compat === 'auto') {
    const minor = tag === undefined ? undefined : minorOf(tag)
    if (minor === undefined || tag === undefined) {
      return { minor: CURRENT_MINOR, name: 'current', chosenBy: 'default', ...(tag ? { evidence: tag } : {}) }
    }
    return { ...nearestKnown(minor), chosenBy: 'image-tag', evidence: tag }
  }
  const minor = minorOf(compat)
  if (minor === undefined || minor < OLDEST_MINOR) {
    throw new InjectionConfigurationError({
      source: 'compat',
      reason: `"${compat}" is no Istio release that is known`,
      hint: `give auto, current, or a release from 1.${OLDEST_MINOR} on, such as 1.21`,
    })
  }
  return { ...nearestKnown(minor), chosenBy: 'compat', evidence: compat }
}

function nearestKnown(minor: number): { minor: number; name: string } {
  if (minor >= CURRENT_MINOR) return { minor: CURRENT_MINOR, name: 'current' }
  return { minor: Math.max(minor, OLDEST_MINOR), name: `1.${Math.max(minor, OLDEST_MINOR)}` }
}

/** `1.21.6-distroless` → 21; anything that is not a version of Istio 1.x → undefined. */
function minorOf(text: string): number | undefined {
  const match = /^v?1\.(\d{1,3})(?:\.\d+)?(?:[-+.].*)?$/.exec(text.trim())
  return match?.[1] === undefined ? undefined : Number(match[1])
}
