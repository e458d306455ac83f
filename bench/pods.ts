/** The Pods that the benchmarks inject. */
import type { JsonObject } from '@proa/kube'

/** A Pod as a Deployment's ReplicaSet creates it. */
export function standardPod(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-7d9c6b8f5-`,
      labels: { app: name, tier: 'backend', track: 'stable', 'pod-template-hash': '7d9c6b8f5' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-7d9c6b8f5`, uid: '0e9b', controller: true },
      ],
    },
    spec: {
      containers: [
        {
          name,
          image: 'fake.docker.io/google-samples/hello-go-gke:1.0',
          ports: [{ name: 'http', containerPort: 80 }],
          livenessProbe: { httpGet: { port: 'http' } },
          readinessProbe: { httpGet: { path: '/ip', port: 3333 } },
          resources: {},
        },
      ],
    },
  }
}

/** Pods of so many different workloads; every one that is handed out is new. */
export function decoratedPods(workloads: number): (index: number) => JsonObject {
  return (index) => standardPod(`hello-${index % workloads}-${index}`)
}

/** Pods that have nothing in common with any before but the template: each has a label of its own. */
export function unlikePods(): (index: number) => JsonObject {
  return (index) => {
    const pod = standardPod(`hello-${index}`)
    const metadata = pod.metadata as { readonly labels: JsonObject }
    return { ...pod, metadata: { ...metadata, labels: { ...metadata.labels, [`feature-${index}`]: 'on' } } }
  }
}

/** Replicas as a StatefulSet creates them: each has its name, everything else is the same. */
export function namedReplicas(name: string): (index: number) => JsonObject {
  const pod = standardPod(name)
  return (index) => ({ ...pod, metadata: { ...(pod.metadata as JsonObject), name: `${name}-${index}` } })
}

/** Pods whose container has so many environment variables, no two the same. */
export function podWithEnvironment(variables: number): (index: number) => JsonObject {
  const env = Array.from({ length: variables }, (_, i) => ({ name: `VARIABLE_${i}`, value: `value ${i}` }))
  return (index) => {
    const pod = standardPod(`big-${index}`)
    const spec = pod.spec as { readonly containers: readonly JsonObject[] }
    return { ...pod, spec: { containers: [{ ...spec.containers[0], env }] } }
  }
}
