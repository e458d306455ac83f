/** The review of a Pod that every sound configuration injects: it asks for it in the ways of all releases. */
export function sampleReview(): string {
  const wish = { 'sidecar.istio.io/inject': 'true' }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'self-check',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: SAMPLE_NAMESPACE,
      dryRun: true,
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'self-check', labels: { app: 'self-check', ...wish }, annotations: wish },
        spec: { containers: [{ name: 'app', image: 'self-check' }] },
      },
    },
  })
}

const SAMPLE_NAMESPACE = 'self-check'
