import { applyPatch, type Json, type JsonObject, type JsonPatchOperation } from '@proa/kube'

/** A Pod of a ReplicaSet, as the API server shows it to webhooks. */
export function examplePod(name = 'web', more: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-7d9c6b8f5-`,
      labels: { app: name, 'pod-template-hash': '7d9c6b8f5' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-7d9c6b8f5`, uid: 'owner-uid', controller: true },
      ],
      ...more,
    },
    spec: {
      containers: [{ name: 'app', image: 'example.com/app:1', ports: [{ containerPort: 8080 }], resources: {} }],
    },
  }
}

/** As the API server sends it. */
export function reviewOf(object: Json, request: JsonObject = {}, version = 'v1'): JsonObject {
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...request,
    },
  }
}

/** The part of an answer that tests look at. */
export interface ReviewResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly patch?: string
  readonly patchType?: string
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
  readonly status?: { readonly message: string; readonly code: number; readonly reason: string }
}

export function responseIn(text: string): ReviewResponse {
  return (JSON.parse(text) as { response: ReviewResponse }).response
}

export function patchIn({ patch }: ReviewResponse): readonly JsonPatchOperation[] {
  return JSON.parse(Buffer.from(patch ?? '', 'base64').toString()) as JsonPatchOperation[]
}

/** The object after the patch of the answer. */
export function patchedObject(object: JsonObject, response: ReviewResponse): JsonObject {
  return applyPatch(object, patchIn(response)) as JsonObject
}
