import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { certificateFacts } from '@proa/pki'
import { ENTRY_SUFFIX, REVISION_LABEL } from '../ca-bundle/plan.ts'
import type { TrustedRoot } from './rotation-state.ts'
import { readableRoots } from './secret-format.ts'

/**
 * The authorities in the bundle of every injection webhook of the revision (tags are among them), as they are stored now.
 * A list and not a watch: before something is taken away, what is true counts, and not what was heard.
 */
export async function publishedBundles(
  client: Pick<KubeClient, 'list'>,
  revision: string,
): Promise<readonly (readonly TrustedRoot[])[]> {
  const { items } = await client.list({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    labelSelector: `${REVISION_LABEL}=${revision || 'default'}`,
  })
  return items.flatMap(bundlesOf).map(readableRoots)
}

function bundlesOf(configuration: JsonObject): readonly string[] {
  const webhooks = getOwn(configuration, 'webhooks')
  const entries = webhooks !== undefined && isArray(webhooks) ? webhooks.filter(isObject) : []
  return entries
    .filter((entry) => String(getOwn(entry, 'name')).endsWith(ENTRY_SUFFIX))
    .map((entry) => {
      const client = getOwn(entry, 'clientConfig')
      const bundle = isObject(client) ? getOwn(client, 'caBundle') : undefined
      return typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : ''
    })
}

/** Those that carry our name; others may have been put there by the injector before us. */
export function ownRoots(roots: readonly TrustedRoot[], commonName: string): readonly TrustedRoot[] {
  return roots.filter(({ certificate }) => certificateFacts(certificate).subject === `CN=${commonName}`)
}
