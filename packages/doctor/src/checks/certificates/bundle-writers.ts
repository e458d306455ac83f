import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { at, objectsAt, textAt, timeAt } from '../../reading.ts'

/** Who owns a caBundle, by managedFields. */
export interface BundleWriter {
  readonly manager: string
  readonly operation: string
  /** Milliseconds. */
  readonly time: number | undefined
  /** Name of the entry. */
  readonly webhook: string
  /** Of the entry; undefined when there is none of that name. */
  readonly index: number | undefined
  /** `metadata.managedFields[0]…`, for evidence. */
  readonly path: string
}

export function bundleWriters(configuration: JsonObject): readonly BundleWriter[] {
  const names = objectsAt(configuration, 'webhooks').map((entry) => textAt(entry, 'name'))
  return objectsAt(configuration, 'metadata', 'managedFields').flatMap((entry, position) => {
    const webhooks = at(entry, 'fieldsV1', 'f:webhooks')
    if (!isObject(webhooks)) return []
    return Object.keys(webhooks).flatMap((key): BundleWriter[] => {
      if (at(getOwn(webhooks, key), 'f:clientConfig', 'f:caBundle') === undefined) return []
      const webhook = /^k:\{"name":"(.*)"\}$/.exec(key)?.[1] ?? ''
      const index = names.indexOf(webhook)
      return [
        {
          manager: textAt(entry, 'manager'),
          operation: textAt(entry, 'operation'),
          time: timeAt(entry, 'time'),
          webhook,
          index: index < 0 ? undefined : index,
          path: `metadata.managedFields[${position}].manager`,
        },
      ]
    })
  })
}

/** Tools that bring a whole object again and again. */
const GITOPS =
  /^(?:argocd|argo-?cd-|kustomize-controller|helm-controller|helm|flux|fleet|rancher|terraform|pulumi|kapp|kubectl-client-side-apply$|kubectl$)/i

/** cert-manager's injector writes bundles from a Secret, and goes on doing so. */
const INJECTING = /^(?:cert-manager-cainjector|cainjector|cert-manager)/i

const CONTROL_PLANE = /^(?:pilot-discovery|istiod|proa-ca-bundle)/i

export const isGitOps = (manager: string): boolean => GITOPS.test(manager)
export const isHelm = (manager: string): boolean => /^helm/i.test(manager)
export const isControlPlane = (manager: string): boolean => CONTROL_PLANE.test(manager)

/** Who comes back: people with `kubectl patch` do not. */
export const isLasting = (manager: string): boolean =>
  isGitOps(manager) || isControlPlane(manager) || INJECTING.test(manager)
