import { behaves, type InjectValue, readInjectValue } from '@proa/injector'
import type { Json } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import { minorFor } from '../../mesh/release.ts'
import { at } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { templateField } from '../../subjects/wishes.ts'
import { INJECT } from './keys.ts'

/** `sidecar.istio.io/inject` at one place of a Pod template, as the release reads it that judges the Pod. */
export interface WrittenValue {
  readonly on: 'labels' | 'annotations'
  readonly path: string
  /** A boolean or a number in a file that nobody quoted. */
  readonly value: Json
  /** Undefined for what is no text. */
  readonly reading: InjectValue | undefined
}

export interface WrittenValues {
  readonly label: WrittenValue | undefined
  readonly annotation: WrittenValue | undefined
  readonly minor: number
  /** The label speaks before the annotation (since 1.12). */
  readonly labelWins: boolean
}

export function writtenValues(cluster: Cluster, subject: Subject): WrittenValues {
  const minor = minorFor(cluster, verdictOf(cluster, subject))
  return {
    label: written(subject, 'labels', minor),
    annotation: written(subject, 'annotations', minor),
    minor,
    labelWins: behaves(minor, 'injectLabel'),
  }
}

function written(subject: Subject, on: WrittenValue['on'], minor: number): WrittenValue | undefined {
  const value = at(subject.template, 'metadata', on, INJECT)
  if (value === undefined || value === null) return undefined
  const path = templateField(subject, `metadata.${on}["${INJECT}"]`)
  return { on, path, value, reading: typeof value === 'string' ? readInjectValue(value, minor) : undefined }
}
