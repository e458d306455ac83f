import type { JsonObject } from '@proa/kube'
import type { ClusterFacts, Controller, ControllerTools, Kind } from '../controller.ts'
import { isKind, NAMESPACE } from '../controller.ts'
import { isBeingDeleted, nameOf, namespaceOf, textAt } from '../fields.ts'

interface Content {
  readonly controller: string
  readonly kind: Kind
  readonly name: string
  readonly make: (namespace: string) => JsonObject
  readonly isRight: (object: JsonObject) => boolean
}

/** Every namespace has a ServiceAccount `default`: Pods that name none run as it. */
export function serviceAccountController(tools: ControllerTools): Controller {
  const kind = { apiVersion: 'v1', kind: 'ServiceAccount' }
  return contentController(tools, {
    controller: 'service-account-controller',
    kind,
    name: 'default',
    make: (namespace) => ({ ...kind, metadata: { name: 'default', namespace } }),
    isRight: () => true,
  })
}

const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Every namespace has the ConfigMap `kube-root-ca.crt`, by which Pods trust the API server. */
export function rootCaPublisher(tools: ControllerTools, facts: ClusterFacts): Controller {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
  return contentController(tools, {
    controller: 'root-ca-cert-publisher',
    kind,
    name: 'kube-root-ca.crt',
    make: (namespace) => ({
      ...kind,
      metadata: { name: 'kube-root-ca.crt', namespace, annotations: { 'kubernetes.io/description': DESCRIPTION } },
      data: { 'ca.crt': facts.rootCa },
    }),
    isRight: (object) => textAt(object, 'data', 'ca.crt') === facts.rootCa,
  })
}

function contentController(tools: ControllerTools, content: Content): Controller {
  const { api } = tools
  return {
    name: content.controller,
    kinds: [NAMESPACE, content.kind],
    concerns({ object, type }) {
      if (isKind(object, NAMESPACE)) return type === 'DELETED' ? [] : [nameOf(object)]
      return nameOf(object) === content.name ? [namespaceOf(object)] : []
    },
    async reconcile(name) {
      const namespace = api.find({ ...NAMESPACE, name, namespace: '' })
      if (
        namespace === undefined ||
        isBeingDeleted(namespace) ||
        textAt(namespace, 'status', 'phase') === 'Terminating'
      )
        return undefined
      const known = api.find({ ...content.kind, name: content.name, namespace: name })
      if (known === undefined) await api.create(content.make(name))
      else if (!content.isRight(known))
        await api.update({ ...known, ...content.make(name), metadata: known.metadata ?? null })
      return undefined
    },
  }
}
