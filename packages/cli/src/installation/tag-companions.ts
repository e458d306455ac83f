import type { KubeClient } from '@proa/kube-client'
import { DEFAULT_NAMESPACE, type GuardAction, guardName, tagGuardName, tagRoleName } from '@proa/manifests'
import { describeRef, listAt, textAt } from './objects.ts'
import type { Progress } from './progress.ts'
import { type InjectorConfiguration, injectionEntries } from './webhooks.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const ADMISSION = 'admissionregistration.k8s.io/v1'

/** What the guard of a revision does with a Pod that was missed; empty when there is no guard. */
export async function guardActions(client: KubeClient, configuration: InjectorConfiguration): Promise<GuardAction[]> {
  if (!configuration.ours) return []
  const name = guardName({ revision: configuration.revision, namespace: namespaceOf(configuration) })
  const binding = await client.find({ apiVersion: ADMISSION, kind: 'ValidatingAdmissionPolicyBinding', name })
  return listAt(binding, 'spec', 'validationActions').filter(
    (action): action is GuardAction => action === 'Deny' || action === 'Warn' || action === 'Audit',
  )
}

/** Where the injector runs that a configuration sends Pods to. */
export function namespaceOf({ object }: InjectorConfiguration): string {
  const [entry] = injectionEntries(object)
  return textAt(entry, 'clientConfig', 'service', 'namespace') || DEFAULT_NAMESPACE
}

/** Takes away what an injector had for a tag besides its webhooks, when the tag is no longer its own. */
export async function removeCompanions(
  client: KubeClient,
  configuration: InjectorConfiguration,
  tag: string,
  dryRun: boolean,
  progress: Progress,
): Promise<void> {
  if (!configuration.ours) return
  const place = { revision: configuration.revision, namespace: namespaceOf(configuration) }
  const companions = [
    { apiVersion: ADMISSION, kind: 'ValidatingAdmissionPolicyBinding', name: tagGuardName(tag, place) },
    { apiVersion: ADMISSION, kind: 'ValidatingAdmissionPolicy', name: tagGuardName(tag, place) },
    { apiVersion: RBAC, kind: 'ClusterRoleBinding', name: tagRoleName(tag, place) },
    { apiVersion: RBAC, kind: 'ClusterRole', name: tagRoleName(tag, place) },
  ]
  for (const ref of companions) {
    const deleted = await client.delete(ref, { dryRun })
    if (deleted) progress.done(`${describeRef(ref)} ${dryRun ? 'would be deleted' : 'deleted'}`)
  }
}
