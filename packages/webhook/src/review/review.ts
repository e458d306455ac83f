import { type InjectionError, type InjectionErrorCode, type InjectionResult, injectPod } from '@proa/injector'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { allowed, denied, patched, undecodable } from './answer.ts'
import { type AdmissionRequest, decodeReview, type Undecodable } from './decode.ts'
import { type ExactNumbers, type ParsedJson, parseExactly, stringifyExactly } from './exact-numbers.ts'
import { withFacts } from './precheck.ts'
import type { ReviewReason, UntouchedReason } from './reasons.ts'
import type { PodOwner, ReviewContext, Reviewed, ReviewFacts, ReviewRequest } from './types.ts'
import { answerWarnings } from './warnings.ts'

/**
 * Answers one AdmissionReview. Never throws for what is wrong with it.
 * What is no creation of a Pod is allowed as it is.
 */
export function review({ body, path }: ReviewRequest, context: ReviewContext): Reviewed {
  const parsed = parseBody(body)
  if ('reason' in parsed) return unread(parsed)
  const decoded = decodeReview(parsed.value)
  if (!decoded.ok) return unread(decoded.problem)
  const { request } = decoded
  const untouched = untouchedReason(request)
  if (untouched !== undefined) return leave(request, untouched, context)
  const { object } = request
  if (!isObject(object)) {
    const message = 'request.object of the AdmissionReview is no Pod'
    const answer = denied(request, { message, code: 400 }, remarks('failed', 'NoObject', context))
    return { answer, facts: { ...factsOf(request), outcome: 'failed', reason: 'NoObject', message } }
  }
  return inject(request, object, path, parsed.exact, context)
}

const decoder = new TextDecoder()

function parseBody(body: Uint8Array): ParsedJson | Undecodable {
  try {
    return parseExactly(decoder.decode(body))
  } catch (error) {
    return { reason: 'NotAdmissionReview', message: notJson(error) }
  }
}

/** JavaScript's own message quotes the body, which can hold what no log may. */
function notJson(error: unknown): string {
  if (!(error instanceof SyntaxError)) return 'the body is nested too deeply'
  const place = /at position (\d+)/.exec(error.message)?.[1]
  return `the body is not JSON${place === undefined ? '' : `, at character ${Number(place) + 1}`}; send an AdmissionReview`
}

function unread(problem: Undecodable): Reviewed {
  return withFacts(problem.reason, problem.message, undecodable(problem))
}

/** The webhook configuration asks for creations of Pods alone; whatever else comes is not the injector's business. */
function untouchedReason({ operation, resource, subResource, object }: AdmissionRequest): UntouchedReason | undefined {
  if (operation !== 'CREATE' && operation !== '') return 'NotCreate'
  if (subResource !== '') return 'Subresource'
  if (resource !== 'pods' && resource !== '') return 'NotPod'
  if (!isObject(object)) return undefined
  const { kind, apiVersion } = object
  return (kind === undefined || kind === 'Pod') && (apiVersion === undefined || apiVersion === 'v1')
    ? undefined
    : 'NotPod'
}

function leave(request: AdmissionRequest, reason: UntouchedReason, context: ReviewContext): Reviewed {
  const answer = allowed(request, remarks('skipped', reason, context))
  return { answer, facts: { ...factsOf(request), outcome: 'skipped', reason } }
}

function inject(
  request: AdmissionRequest,
  pod: JsonObject,
  path: string,
  exact: ExactNumbers | undefined,
  context: ReviewContext,
): Reviewed {
  const { configuration } = context
  const namespaceObject = configuration.openShift ? context.namespaceObject(namespaceOf(request)) : undefined
  const result = injectPod(
    {
      pod,
      path,
      mode: 'webhook',
      namespace: request.namespace,
      ...(namespaceObject === undefined ? {} : { namespaceObject }),
    },
    configuration,
  )
  const warnings = answerWarnings(result.warnings, result.decision, pod)
  if (result.outcome === 'failed') {
    return deny(
      request,
      result.error.code,
      describe(result.error),
      remarks('failed', result.error.code, context, warnings),
    )
  }
  const { reason } = result.decision
  const facts = { ...factsOf(request), outcome: result.outcome, reason }
  const said = remarks(result.outcome, reason, context, warnings)
  if (result.outcome === 'skipped') return { answer: allowed(request, said), facts }
  const patch = patchOf(result, exact)
  if (patch !== undefined) return { answer: patched(request, patch, said), facts }
  const message = 'the Pod has several integers above 2^53 that the patch cannot tell apart; write them shorter'
  return deny(request, 'InexactNumber', message, remarks('failed', 'InexactNumber', context, warnings))
}

function patchOf(
  result: InjectionResult & { outcome: 'injected' },
  exact: ExactNumbers | undefined,
): string | undefined {
  return exact === undefined ? result.patchText : stringifyExactly(result.patch, exact)
}

/** Failures that no Pod is to blame for: the configuration of the injector is. */
const FAULTS_OF_CONFIGURATION: ReadonlySet<ReviewReason> = new Set<InjectionErrorCode>([
  'TemplateFailed',
  'TemplateOutputInvalid',
])

function deny(
  request: AdmissionRequest,
  reason: ReviewReason,
  message: string,
  said: ReturnType<typeof remarks>,
): Reviewed {
  const code = FAULTS_OF_CONFIGURATION.has(reason) ? 500 : 400
  const owner = ownerOf(request.object)
  const facts = {
    ...factsOf(request),
    outcome: 'failed',
    reason,
    message,
    ...(owner === undefined ? {} : { owner }),
  } as const
  return { answer: denied(request, { message, code }, said), facts }
}

function describe({ message, hint }: InjectionError): string {
  // Istio ends lists of errors with empty lines.
  const text = message.trimEnd()
  if (hint === undefined) return text
  return text.includes('\n') ? `${text}\n(${hint})` : `${text} (${hint})`
}

function remarks(
  outcome: ReviewFacts['outcome'],
  reason: ReviewReason,
  { configuration }: ReviewContext,
  warnings: readonly string[] = [],
) {
  return { outcome, reason, warnings, configuration }
}

function factsOf(request: AdmissionRequest): Pick<ReviewFacts, 'uid' | 'namespace' | 'pod' | 'dryRun'> {
  const { name, generateName } = metadataOf(request.object)
  const pod = textOf(name) || request.name || textOf(generateName)
  return { uid: request.uid, namespace: namespaceOf(request), pod, dryRun: request.dryRun }
}

function namespaceOf({ object, namespace }: AdmissionRequest): string {
  return textOf(metadataOf(object).namespace) || namespace
}

function ownerOf(object: Json | undefined): PodOwner | undefined {
  const { ownerReferences } = metadataOf(object)
  const references: readonly Json[] = isArray(ownerReferences) ? ownerReferences : []
  const owner = references.find((one) => isObject(one) && one.controller === true)
  if (!isObject(owner)) return undefined
  const { apiVersion, kind, name, uid } = owner
  return { apiVersion: textOf(apiVersion), kind: textOf(kind), name: textOf(name), uid: textOf(uid) }
}

function metadataOf(object: Json | undefined): JsonObject {
  const metadata = isObject(object) ? object.metadata : undefined
  return isObject(metadata) ? metadata : {}
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
