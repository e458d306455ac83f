import type { Json } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import type { Decision } from '../decision/types.ts'
import { ANNOTATION, LABEL } from '../names.ts'
import type { WorkloadPod } from '../workload/pod-of-workload.ts'

/** One change after which the decision is the other way round. */
export interface Turnaround {
  /** What to change: the workload, the configuration of the injector, or where the workload lives. */
  readonly target: 'workload' | 'configuration' | 'namespace'
  /** Object path: `spec.template.metadata.labels["sidecar.istio.io/inject"]`, `policy`. */
  readonly path: string
  /** The value to set; undefined removes what stands there, or (for a namespace) asks for another one. */
  readonly to: Json | undefined
}

/** The smallest change that turns the verdict round. */
export function turnaround(decision: Decision, workload: WorkloadPod): Turnaround {
  const wanted = decision.injected ? 'false' : 'true'
  switch (decision.reason) {
    case 'HostNetwork':
      return { target: 'workload', path: inPod(workload.specPath, 'spec.hostNetwork'), to: undefined }
    case 'IgnoredNamespace':
      return { target: 'namespace', path: 'metadata.namespace', to: undefined }
    case 'PolicyUnknown':
      return { target: 'configuration', path: 'policy', to: 'enabled' }
    case 'InjectAnnotationTrue':
    case 'InjectAnnotationFalse':
      return annotation(workload, wanted)
    default:
      // A label beats annotation, selectors and policy; before 1.12 only the annotation did.
      return behaves(decision.release.minor, 'injectLabel') ? label(workload, wanted) : annotation(workload, wanted)
  }
}

function label({ metadataPath }: WorkloadPod, to: string): Turnaround {
  return { target: 'workload', path: inPod(metadataPath, `metadata.labels["${LABEL.inject}"]`), to }
}

function annotation({ metadataPath }: WorkloadPod, to: string): Turnaround {
  return { target: 'workload', path: inPod(metadataPath, `metadata.annotations["${ANNOTATION.inject}"]`), to }
}

function inPod(path: readonly string[], field: string): string {
  return [...path, field].join('.')
}
