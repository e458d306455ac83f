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
import { containersOf } from './data/fields.ts'
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
import { type KnownShapes, knownShapes, requestText, type ShapedResult } from './shapes/known-shapes.ts'
import { type InjectionWarning, templateWarnings, warningsOf } from './warnings.ts'

/** What came of a request. The warnings are those of the Pod and its annotations. */
export type InjectionResult =
  | {
      readonly outcome: 'injected'
      readonly decision: Decision
      /** RFC 6902, against the Pod of the request. */
      readonly patch: readonly JsonPatchOperation[]
      /** The same as JSON. Whoever needs only this does not pay for the rest of the result. */
      readonly patchText: string
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
    return new LazyResult(injected, decision, warnings, request, configuration)
  } catch (error) {
    const known = toInjectionError(error)
    if (known === undefined) throw error
    return { outcome: 'failed', decision, warnings, error: known }
  }
}

/**
 * Works out what is asked for. Classes, because V8 makes a hidden class of its own for each object with getters of its own, and these
 * live until the next full collection, with the whole request that the getters hold.
 */
class LazyResult {
  readonly outcome = 'injected'
  readonly decision: Decision
  readonly #injected: Injected
  readonly #warnings: readonly InjectionWarning[]
  readonly #request: InjectionRequest
  readonly #configuration: Configuration

  constructor(
    injected: Injected,
    decision: Decision,
    warnings: readonly InjectionWarning[],
    request: InjectionRequest,
    configuration: Configuration,
  ) {
    this.decision = decision
    this.#injected = injected
    this.#warnings = warnings
    this.#request = request
    this.#configuration = configuration
  }

  get warnings(): readonly InjectionWarning[] {
    return [...this.#warnings, ...this.#injected.templateWarnings]
  }

  get patch(): readonly JsonPatchOperation[] {
    return this.#injected.patch
  }

  get patchText(): string {
    return this.#injected.patchText
  }

  get pod(): JsonObject {
    return this.#injected.pod
  }

  get rendered(): readonly Rendered[] {
    return this.#injected.rendered
  }

  get origins(): readonly FieldOrigin[] {
    return originsOnce(this.#injected, this.#request, this.#configuration)
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

/** What an injection made; what is not asked for may not have been worked out yet. */
interface Injected extends ShapedResult {
  readonly patch: readonly JsonPatchOperation[]
  readonly pod: JsonObject
  readonly rendered: readonly Rendered[]
}

/** So many injections are remembered per configuration, of Pods whose JSON is not longer than this. */
const REMEMBERED_INJECTIONS = 256
const LONGEST_REMEMBERED = 32_768
/** A container with more variables makes a longer JSON than that, so it need not be written to find out. */
const MOST_VARIABLES_REMEMBERED = 1000

/** What one configuration has injected so far. */
interface Known {
  readonly injections: Memory<Injected>
  /** Undefined where injecting by shape is not possible. */
  readonly shapes: KnownShapes | undefined
}

const remembered = new WeakMap<Configuration, Known>()

function knownOf(configuration: Configuration): Known {
  const known = remembered.get(configuration)
  if (known !== undefined) return known
  const lastsForEver = [...configuration.templates.values()].every(({ template }) => template.pure)
  const made: Known = {
    injections: memoryOf<Injected>(REMEMBERED_INJECTIONS),
    shapes:
      lastsForEver && behaves(configuration.minor, 'podOverlay')
        ? knownShapes(configuration, (request, watched) => injectDecided(request, watched))
        : undefined,
  }
  remembered.set(configuration, made)
  return made
}

/**
 * Replicas of a workload are the same request to the letter, and the same request has the same result. A request that
 * differs only in names has the same result but for these names.
 */
function injectOnce(request: InjectionRequest, configuration: Configuration): Injected {
  const isBig = containersOf(request.pod, 'containers').some(
    ({ env }) => isArray(env) && env.length > MOST_VARIABLES_REMEMBERED,
  )
  if (isBig) return injectDecided(request, configuration)
  const text = requestText(request)
  if (text.length > LONGEST_REMEMBERED) return injectDecided(request, configuration)
  const { injections, shapes } = knownOf(configuration)
  const known = injections.get(text)
  if (known !== undefined) return known
  const full = (): Injected => {
    const injected = injectDecided(request, configuration)
    injections.set(text, injected)
    return injected
  }
  // By hand the whole result is wanted, not only the patch.
  if (shapes === undefined || request.mode !== 'webhook') return full()
  const result = shapes.inject(text, request, full)
  return 'pod' in result ? result : new CompletedResult(result, full)
}

/** The result of an injection that was worked out, with what is made of it when it is asked for. */
class WorkedResult implements Injected {
  readonly pod: JsonObject
  readonly rendered: readonly Rendered[]
  readonly patch: readonly JsonPatchOperation[]
  readonly #configuration: Configuration
  #patchText: string | undefined
  #templateWarnings: readonly InjectionWarning[] | undefined

  constructor(
    pod: JsonObject,
    rendered: readonly Rendered[],
    patch: readonly JsonPatchOperation[],
    configuration: Configuration,
  ) {
    this.pod = pod
    this.rendered = rendered
    this.patch = patch
    this.#configuration = configuration
  }

  get patchText(): string {
    this.#patchText ??= JSON.stringify(this.patch)
    return this.#patchText
  }

  get templateWarnings(): readonly InjectionWarning[] {
    this.#templateWarnings ??= templateWarnings(this.rendered, this.#configuration)
    return this.#templateWarnings
  }
}

/** The result of a shape, with the rest worked out in the ordinary way when it is asked for. */
class CompletedResult implements Injected {
  readonly patchText: string
  readonly templateWarnings: readonly InjectionWarning[]
  readonly #full: () => Injected
  #patch: readonly JsonPatchOperation[] | undefined
  #whole: Injected | undefined

  constructor({ patchText, templateWarnings }: ShapedResult, full: () => Injected) {
    this.patchText = patchText
    this.templateWarnings = templateWarnings
    this.#full = full
  }

  get patch(): readonly JsonPatchOperation[] {
    this.#patch ??= JSON.parse(this.patchText) as readonly JsonPatchOperation[]
    return this.#patch
  }

  get pod(): JsonObject {
    return this.#worked().pod
  }

  get rendered(): readonly Rendered[] {
    return this.#worked().rendered
  }

  #worked(): Injected {
    this.#whole ??= this.#full()
    return this.#whole
  }
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
  const patch = diff(request.pod, pod, { listKey: podListKey })
  return new WorkedResult(pod, rendered, patch, configuration)
}

/** The Pod as Istio reads it: typed, with the namespace of the request, without what Istio forgets at once. */
function typedPod(request: InjectionRequest, configuration: Configuration): JsonObject {
  const given = request.pod.metadata ?? {}
  if (!isObject(given)) throw new InjectionError('InvalidPod', 'metadata is not an object', { path: 'metadata' })
  const { managedFields: _managed, ...metadata } = given
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
