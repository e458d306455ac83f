import { behaves } from '../behaviour.ts'
import { ANNOTATION } from '../names.ts'

type Annotations = Readonly<Record<string, string>>

/** Prometheus takes every character outside [a-zA-Z0-9_] for `_`, so `prometheus-io/port` is the same annotation. */
function sanitized(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/g, '_')
}

function sameKey(key: string, wanted: string, minor: number): boolean {
  return key === wanted || (behaves(minor, 'anySpellingOfPrometheus') && sanitized(key) === sanitized(wanted))
}

/**
 * The value of an annotation in whatever spelling. Of several spellings Istio takes a random one; here the usual one
 * counts, else the last of the document.
 */
export function prometheusValue(annotations: Annotations, wanted: string, minor: number): string | undefined {
  if (Object.hasOwn(annotations, wanted)) return annotations[wanted]
  const key = Object.keys(annotations).findLast((each) => sameKey(each, wanted, minor))
  return key === undefined ? undefined : annotations[key]
}

export function prometheusPort(annotations: Annotations, minor: number): string | undefined {
  return prometheusValue(annotations, ANNOTATION.prometheusPort, minor)
}

/** The values of `prometheus.io/scrape` in all its spellings. */
export function scrapeValues(annotations: Annotations, minor: number): readonly string[] {
  return Object.keys(annotations)
    .filter((key) => sameKey(key, ANNOTATION.prometheusScrape, minor))
    .map((key) => annotations[key] ?? '')
}

/** The change that removes every spelling of Prometheus' annotations. */
export function annotationsWithout(annotations: Annotations, minor: number): Record<string, undefined> {
  const removed = [
    ANNOTATION.prometheusScrape,
    ANNOTATION.prometheusPort,
    ANNOTATION.prometheusPath,
    ...(behaves(minor, 'scrapeTargets') ? [ANNOTATION.scrapeTargets] : []),
  ]
  const keys = Object.keys(annotations).filter((key) => removed.some((wanted) => sameKey(key, wanted, minor)))
  return Object.fromEntries(keys.map((key) => [key, undefined]))
}
