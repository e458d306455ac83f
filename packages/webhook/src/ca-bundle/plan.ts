import { getOwn, isArray, isObject, type JsonArray, type JsonObject, type JsonPatchOperation } from '@proa/kube'
import { parseBundle, sameBundle } from '@proa/pki'

/** Which revision a webhook configuration belongs to; tags carry it too. */
export const REVISION_LABEL = 'istio.io/rev'
/** The names of all entries that inject end so. */
export const ENTRY_SUFFIX = 'sidecar-injector.istio.io'

/** What has to be done to one webhook configuration. */
export type CaBundlePlan =
  | {
      readonly action: 'patch'
      /** Fails with Conflict when the configuration has changed in between, so that no half entry comes to life again. */
      readonly operations: readonly JsonPatchOperation[]
      /** Names of the entries whose bundle is not right. */
      readonly entries: readonly string[]
    }
  | {
      readonly action: 'none'
      readonly reason: 'deleted' | 'no-revision' | 'other-revision' | 'no-entries' | 'up-to-date'
    }
  | { readonly action: 'refuse'; readonly reason: 'bad-bundle'; readonly problem: string }

export interface CaBundleTarget {
  /** `''` is the default revision. */
  readonly revision: string
  /** PEM. */
  readonly bundle: string
  /** Default {@link ENTRY_SUFFIX}. */
  readonly suffix?: string
}

/**
 * Istio's rules: the label decides whose a configuration is, the end of the name which of its entries inject. A bundle with
 * a block that is no certificate is never written, for the API server would then trust nothing.
 *
 * A bundle with the same certificates in another order or spelling is left as it is.
 */
export function planCaBundle(configuration: JsonObject | undefined, target: CaBundleTarget): CaBundlePlan {
  const { revision, bundle, suffix = ENTRY_SUFFIX } = target
  if (configuration === undefined) return { action: 'none', reason: 'deleted' }
  const label = labelOf(configuration, REVISION_LABEL)
  if (label === undefined) return { action: 'none', reason: 'no-revision' }
  if (label !== (revision || 'default')) return { action: 'none', reason: 'other-revision' }
  const entries = injecting(configuration, suffix)
  if (entries.length === 0) return { action: 'none', reason: 'no-entries' }
  const problem = bundleProblem(bundle)
  if (problem !== undefined) return { action: 'refuse', reason: 'bad-bundle', problem }
  const wrong = entries.filter(({ entry }) => !sameBundle(decoded(entry), bundle))
  if (wrong.length === 0) return { action: 'none', reason: 'up-to-date' }
  const value = Buffer.from(bundle, 'utf8').toString('base64')
  return {
    action: 'patch',
    operations: [
      ...unchanged(configuration),
      ...wrong.flatMap(({ index, entry, name }) => setBundle(index, entry, name, value)),
    ],
    entries: wrong.map(({ name }) => name),
  }
}

/** Why a bundle must not be written. */
function bundleProblem(bundle: string): string | undefined {
  const { certificates, problems } = parseBundle(bundle)
  const [first] = problems
  if (first !== undefined) return `block ${first.block} of the bundle: ${first.problem}`
  return certificates.length === 0 ? 'the bundle holds no certificate' : undefined
}

interface Entry {
  readonly index: number
  readonly name: string
  readonly entry: JsonObject
}

function injecting(configuration: JsonObject, suffix: string): readonly Entry[] {
  const webhooks = getOwn(configuration, 'webhooks')
  return (webhooks !== undefined && isArray(webhooks) ? webhooks : ([] as JsonArray)).flatMap((entry, index) => {
    const name = isObject(entry) ? getOwn(entry, 'name') : undefined
    return isObject(entry) && typeof name === 'string' && name.endsWith(suffix) ? [{ index, name, entry }] : []
  })
}

function decoded(entry: JsonObject): string {
  const client = getOwn(entry, 'clientConfig')
  const bundle = isObject(client) ? getOwn(client, 'caBundle') : undefined
  return typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : ''
}

/** Writing the version that was read makes the server compare it with its own. */
function unchanged(configuration: JsonObject): readonly JsonPatchOperation[] {
  const metadata = getOwn(configuration, 'metadata')
  const value = isObject(metadata) ? getOwn(metadata, 'resourceVersion') : undefined
  return typeof value === 'string' ? [{ op: 'replace', path: '/metadata/resourceVersion', value }] : []
}

function setBundle(index: number, entry: JsonObject, name: string, value: string): readonly JsonPatchOperation[] {
  const path = `/webhooks/${index}`
  const named: JsonPatchOperation = { op: 'test', path: `${path}/name`, value: name }
  const whole = !isObject(getOwn(entry, 'clientConfig'))
  return [
    named,
    whole
      ? { op: 'add', path: `${path}/clientConfig`, value: { caBundle: value } }
      : { op: 'add', path: `${path}/clientConfig/caBundle`, value },
  ]
}

function labelOf(object: JsonObject, label: string): string | undefined {
  const metadata = getOwn(object, 'metadata')
  const labels = isObject(metadata) ? getOwn(metadata, 'labels') : undefined
  const value = isObject(labels) ? getOwn(labels, label) : undefined
  return typeof value === 'string' ? value : undefined
}
