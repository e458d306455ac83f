import { isObject, type Json, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { listOf, objectOf } from '../data/fields.ts'
import { annotationPath, InjectionError } from '../errors.ts'
import { goJson } from '../go-json.ts'
import { ANNOTATION, DEFAULT_REVISION } from '../names.ts'

/** What an earlier injection added, as `sidecar.istio.io/status` tells. */
export interface InjectionStatus {
  readonly containers: readonly string[]
  readonly initContainers: readonly string[]
  readonly volumes: readonly string[]
  readonly imagePullSecrets: readonly string[]
  readonly revision: string | undefined
}

const LISTS = ['containers', 'initContainers', 'volumes', 'imagePullSecrets'] as const

/**
 * Reads the annotation. Istio takes what it can of a malformed one and crashes on some; here it is an error.
 *
 * @returns undefined when the annotation is not there.
 * @throws InjectionError `InvalidStatus`
 */
export function readStatus(annotations: Readonly<Record<string, string>>): InjectionStatus | undefined {
  if (!Object.hasOwn(annotations, ANNOTATION.status)) return undefined
  const text = annotations[ANNOTATION.status] ?? ''
  // Emptied by hand: the Pod counts as injected, with nothing of the injector's in it.
  const parsed = text === '' ? {} : parse(text)
  if (!isObject(parsed)) throw malformed('it is not a JSON object')
  const [containers, initContainers, volumes, imagePullSecrets] = LISTS.map((key) => names(parsed, key))
  const revision = Object.hasOwn(parsed, 'revision') ? parsed.revision : undefined
  if (revision !== undefined && revision !== null && typeof revision !== 'string')
    throw malformed('revision is not a string')
  return {
    containers: containers ?? [],
    initContainers: initContainers ?? [],
    volumes: volumes ?? [],
    imagePullSecrets: imagePullSecrets ?? [],
    revision: revision ?? undefined,
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw malformed('it is not JSON', cause)
  }
}

function names(status: JsonObject, key: (typeof LISTS)[number]): readonly string[] {
  const value = Object.hasOwn(status, key) ? status[key] : undefined
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw malformed(`${key} is not a list of names`)
  }
  return value
}

function malformed(reason: string, cause?: unknown): InjectionError {
  return new InjectionError('InvalidStatus', `annotation ${ANNOTATION.status} cannot be read: ${reason}`, {
    path: annotationPath(ANNOTATION.status),
    hint: 'remove the annotation: the injector writes it itself',
    ...(cause === undefined ? {} : { cause }),
  })
}

/**
 * Writes the annotation: the names that the templates brought, in their order; null where there are none.
 *
 * @param templatePod what the templates alone make
 * @param version     identifies the template, where the release says it (1.8)
 */
export function writeStatus(templatePod: JsonObject, revision: string, minor: number, version?: string): string {
  const spec = objectOf(templatePod, 'spec')
  const listed = (key: string): Json => {
    const items = listOf(spec, key)
      .filter(isObject)
      .map((item) => item.name ?? '')
    return items.length === 0 ? null : items
  }
  return goJson({
    ...(version === undefined ? {} : { version }),
    initContainers: listed('initContainers'),
    containers: listed('containers'),
    volumes: listed('volumes'),
    imagePullSecrets: listed('imagePullSecrets'),
    ...(behaves(minor, 'statusRevision') ? { revision: revision || DEFAULT_REVISION } : {}),
  })
}
