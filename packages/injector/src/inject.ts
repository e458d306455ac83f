import {
  coerceScalars,
  diff,
  isArray,
  isObject,
  type JsonObject,
  type JsonPatchOperation,
  podListKey,
  readTyped,
  transplant,
} from '@proa/kube'
import { validateAnnotations } from './annotations/validate.ts'
import { behaves } from './behaviour.ts'
import type { Configuration } from './config/types.ts'
import { containersOf, objectOf } from './data/fields.ts'
import { resetSharedUser } from './data/openshift.ts'
import { decide } from './decision/decide.ts'
import type { Decision, DecisionConfiguration } from './decision/types.ts'
import { InjectionError, toInjectionError } from './errors.ts'
import { injectLegacyPod } from './legacy/index.ts'
import { injectOverlayPod } from './overlay/inject.ts'
import { entriesOf } from './pod/edit.ts'
import { prepare } from './prepare.ts'
import { originsOf } from './provenance/origins.ts'
import { type InjectionRecorder, traceOf } from './provenance/trace.ts'
import type { FieldOrigin } from './provenance/types.ts'
import { type Memory, memoryOf } from './remember.ts'
import type { Rendered } from './render/render.ts'
import type { InjectionRequest } from './request.ts'
import { type InjectionWarning, templateWarnings, warningsOf } from './warnings.ts'

/** What came of a request. The warnings are those of the Pod and its annotations. */
export type InjectionResult =
  | {
      readonly outcome: 'injected'
      readonly decision: Decision
      /** RFC 6902, against the Pod of the request. */
      readonly patch: readonly JsonPatchOperation[]
      /** The Pod after the patch. */
      readonly pod: JsonObject
      readonly warnings: readonly InjectionWarning[]
      readonly rendered: readonly Rendered[]
      /** Where each field that was added or changed came from. Worked out when it is read. */
      readonly origins: readonly FieldOrigin[]
    }
  | { readonly outcome: 'skipped'; readonly decision: Decision; readonly warnings: readonly InjectionWarning[] }
  | {
      readonly outcome: 'failed'
      readonly decision: Decision
      readonly error: InjectionError
      readonly warnings: readonly InjectionWarning[]
    }

/**
 * Injects one Pod: decides, renders, merges and finishes it as Istio would, and says what came of it. Never throws for
 * what is wrong with the Pod or its configuration: that is the outcome `failed`.
 */
export function injectPod(request: InjectionRequest, configuration: Configuration): InjectionResult {
  const decision = decide(request.pod, request.namespace ?? '', decisionConfiguration(request, configuration))
  const warnings = warningsOf(request.pod, decision, configuration)
  if (!isObject(request.pod)) return { outcome: 'failed', decision, warnings, error: noPod() }
  if (!decision.injected) return { outcome: 'skipped', decision, warnings }
  try {
    const injected = injectOnce(request, configuration)
    return {
      outcome: 'injected',
      decision,
      get warnings() {
        return [...warnings, ...templateWarnings(injected.rendered, configuration)]
      },
      ...injected,
      get origins() {
        return originsOnce(injected, request, configuration)
      },
    }
  } catch (error) {
    const known = toInjectionError(error)
    if (known === undefined) throw error
    return { outcome: 'failed', decision, warnings, error: known }
  }
}

function noPod(): InjectionError {
  return new InjectionError('InvalidPod', 'the Pod is not an object', {
    path: '',
    hint: 'give a Pod with metadata and spec',
  })
}

/** A manual request asks neither the policy nor the selectors. */
export function decisionConfiguration(
  { mode }: Pick<InjectionRequest, 'mode'>,
  { decision }: Configuration,
): DecisionConfiguration {
  if (mode === 'webhook') return decision
  return { release: decision.release, policy: 'enabled', neverInjectSelector: [], alwaysInjectSelector: [] }
}

interface Injected {
  readonly patch: readonly JsonPatchOperation[]
  readonly pod: JsonObject
  readonly rendered: readonly Rendered[]
}

/** So many injections are remembered per configuration, of Pods whose JSON is not longer than this. */
const REMEMBERED_INJECTIONS = 256
const LONGEST_REMEMBERED = 32_768
/** A container with more variables makes a longer JSON than that, so it need not be written to find out. */
const MOST_VARIABLES_REMEMBERED = 1000

const remembered = new WeakMap<Configuration, Memory<Injected>>()

/** Replicas of a workload are the same request to the letter, and the same request has the same result. */
function injectOnce(request: InjectionRequest, configuration: Configuration): Injected {
  const { pod, mode, namespace, path, owner, namespaceObject } = request
  const isBig = containersOf(pod, 'containers').some(
    ({ env }) => isArray(env) && env.length > MOST_VARIABLES_REMEMBERED,
  )
  if (isBig) return injectDecided(request, configuration)
  const key = JSON.stringify([pod, mode, namespace, path, owner, namespaceObject])
  if (key.length > LONGEST_REMEMBERED) return injectDecided(request, configuration)
  const memory = remembered.get(configuration) ?? memoryOf<Injected>(REMEMBERED_INJECTIONS)
  remembered.set(configuration, memory)
  const known = memory.get(key)
  if (known !== undefined) return known
  const injected = injectDecided(request, configuration)
  memory.set(key, injected)
  return injected
}

const knownOrigins = new WeakMap<Injected, readonly FieldOrigin[]>()

/** Most results are never asked, so the injection is run again, this time recording it, when one is. */
function originsOnce(
  injected: Injected,
  request: InjectionRequest,
  configuration: Configuration,
): readonly FieldOrigin[] {
  const known = knownOrigins.get(injected)
  if (known !== undefined) return known
  const trace = traceOf((recorder) => injectDecided(request, configuration, recorder))
  const origins = trace === undefined ? [] : originsOf(trace, request.pod, injected.pod)
  knownOrigins.set(injected, origins)
  return origins
}

function injectDecided(
  request: InjectionRequest,
  configuration: Configuration,
  recorder?: InjectionRecorder,
): Injected {
  const { minor } = configuration
  const base = typedPod(request, configuration)
  // Only later releases look at `proxy.istio.io/config` before they validate, and then its own error comes first.
  if (!behaves(minor, 'proxyConfigResources')) validateAnnotations(entriesOf(base, 'annotations'), minor)
  const prepared = prepare(base, request, configuration)
  if (behaves(minor, 'proxyConfigResources')) validateAnnotations(entriesOf(base, 'annotations'), minor)
  const { result, rendered } = behaves(minor, 'podOverlay')
    ? injectOverlayPod(base, prepared, configuration, request, recorder)
    : injectLegacyPod(base, prepared, configuration, request, recorder)
  // The namespace of the request is not the Pod's own to change, also where it has no metadata yet.
  const raw = 'metadata' in request.pod ? request.pod : { ...request.pod, metadata: {} }
  const pod = transplant('v1.Pod', raw, base, result) as JsonObject
  return { pod, rendered, patch: diff(request.pod, pod, { listKey: podListKey }) }
}

/** The Pod as Istio reads it: typed, with the namespace of the request, without what Istio forgets at once. */
function typedPod(request: InjectionRequest, configuration: Configuration): JsonObject {
  const { managedFields: _managed, ...metadata } = objectOf(request.pod, 'metadata') ?? {}
  const namespace = metadata.namespace || request.namespace || undefined
  const source = {
    ...request.pod,
    metadata: { ...metadata, ...(request.mode === 'webhook' && namespace !== undefined ? { namespace } : {}) },
  }
  const read = request.mode === 'manual' ? coerceScalars('v1.Pod', source) : source
  const typed = readTyped('v1.Pod', read) as JsonObject
  const { minor } = configuration
  return configuration.openShift && behaves(minor, 'resetsSharedUser') ? resetSharedUser(typed, minor) : typed
}
