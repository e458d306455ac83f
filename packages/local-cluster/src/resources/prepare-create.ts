import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { metadataOf, metaText, nameOf, part, withKeys, withMetadata } from '../api/metadata.ts'
import type { Store } from '../store/store.ts'
import { prepareDefinition } from './custom.ts'
import { qosClass } from './qos.ts'
import { allocateService } from './service-addresses.ts'
import { firstTemplateGeneration } from './template-generation.ts'

type Prepare = (object: JsonObject, store: Store) => JsonObject

/** What the server fills in on its own when an object of that bucket is created. */
export const PREPARE_CREATE: Readonly<Record<string, Prepare>> = {
  pods: (pod) => withKeys(pod, { status: { phase: 'Pending', qosClass: qosClass(part(pod, 'spec')) } }),
  namespaces: (namespace) => {
    const finalizers = getOwn(part(namespace, 'spec'), 'finalizers')
    const kubernetes = isArray(finalizers) && finalizers.includes('kubernetes') ? finalizers : ['kubernetes']
    const labels = { ...part(metadataOf(namespace), 'labels'), 'kubernetes.io/metadata.name': nameOf(namespace) }
    return withMetadata(
      { ...namespace, spec: { ...part(namespace, 'spec'), finalizers: kubernetes }, status: { phase: 'Active' } },
      { labels },
    )
  },
  services: (service, store) => allocateService(withKeys(service, { status: { loadBalancer: {} } }), store),
  'jobs.batch': prepareJob,
  'daemonsets.apps': firstTemplateGeneration,
  'customresourcedefinitions.apiextensions.k8s.io': (definition) =>
    prepareDefinition(definition, metadataOf(definition).creationTimestamp ?? null),
  persistentvolumeclaims: (claim) => withKeys(claim, { status: { phase: 'Pending' } }),
  persistentvolumes: (volume) => withKeys(volume, { status: { phase: 'Pending' } }),
}

/** A Job selects its Pods by its own uid, unless somebody chose a selector. */
function prepareJob(job: JsonObject): JsonObject {
  const spec = part(job, 'spec')
  if (spec.manualSelector === true) return job
  const uid = metaText(job, 'uid')
  const own: Record<string, Json> = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': nameOf(job),
    'controller-uid': uid,
    'job-name': nameOf(job),
  }
  const template = part(spec, 'template')
  const metadata = part(template, 'metadata')
  const selector = isObject(getOwn(spec, 'selector')) ? part(spec, 'selector') : {}
  return {
    ...job,
    spec: {
      ...spec,
      selector: {
        ...selector,
        matchLabels: { ...part(selector, 'matchLabels'), 'batch.kubernetes.io/controller-uid': uid },
      },
      template: { ...template, metadata: { ...metadata, labels: { ...part(metadata, 'labels'), ...own } } },
    },
  }
}
